// Tree-LSTMs.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/trees/tree_inputs.h>

namespace tapegrad::apps {

// A node's state.
struct TreeState {
  Tensor hidden, cell;  // [1, width]
};

// How the states of children become the state of their parent.
class TreeCell {
 public:
  virtual ~TreeCell() = default;
  virtual TreeState operator()(std::span<const TreeState> children) const = 0;

 protected:
  TreeCell() = default;
  TreeCell(const TreeCell&) = default;
  TreeCell& operator=(const TreeCell&) = default;
};

// Of any number of children, in any order:
//   h = Σ h_k;   i, o, u = σ, σ, tanh(U·h + b);   f_k = σ(U_f·h_k + b_f);   c = i·u + Σ f_k·c_k
// and the hidden state is o·tanh(c). Source: Tai, Socher & Manning, ACL 2015, equations 2 to 8,
// where only leaves have inputs.
class ChildSumCell : public TreeCell {
 public:
  ChildSumCell(const Scope& scope, Index width);
  TreeState operator()(std::span<const TreeState> children) const override;

 private:
  Index width_;
  nn::Linear gates_, forget_;
};

// Of two children, each with matrices of its own:
//   i, f_1, f_2, o, u = σ, σ, σ, σ, tanh(U_1·h_1 + U_2·h_2 + b);   c = i·u + f_1·c_1 + f_2·c_2
// Of one child the second is left out. Source: Tai et al., equations 9 to 14 with N = 2.
class BinaryCell : public TreeCell {
 public:
  BinaryCell(const Scope& scope, Index width);
  TreeState operator()(std::span<const TreeState> children) const override;

 private:
  Index width_;
  nn::Linear gates_;
};

struct TreeNetworkOptions {
  Index embedding = 200;
  Index width = 150;
  double input_dropout = 0.3;  // of the words' vectors
  double dropout = 0.5;        // before the last layer
};

// A leaf's state comes from its word's vector x: i, o, u = σ, σ, tanh(W·x + b), c = i·u. Each
// node's hidden state gives its outputs.
class TreeNetwork {
 public:
  // Makes the cell.
  using MakeCell = std::unique_ptr<TreeCell> (*)(const Scope& scope, Index width);
  TreeNetwork(const Scope& scope, Index vocabulary, Index outputs, MakeCell cell,
              const TreeNetworkOptions& options);

  // The hidden states of all nodes of some trees, one tree after another: [nodes, width].
  Tensor states(Tape& tape, const TreeInputs& inputs, std::span<const Index> trees) const;
  // Those of the roots alone: [trees, width].
  Tensor roots(Tape& tape, const TreeInputs& inputs, std::span<const Index> trees) const;
  // Of hidden states [rows, width]: [rows, outputs].
  Tensor outputs(const Tensor& states) const;

  Index width() const { return width_; }

 private:
  // Appends the hidden states of the nodes by tree.
  template <class Take>
  void run(Tape& tape, const TreeInputs& inputs, std::span<const Index> trees,
           const Take& take) const;

  Index width_;
  TreeNetworkOptions options_;
  nn::Embedding words_;
  nn::Linear leaf_;
  std::unique_ptr<TreeCell> cell_;
  nn::Linear output_;
};

template <class Cell>
std::unique_ptr<TreeCell> make_tree_cell(const Scope& scope, Index width) {
  return std::make_unique<Cell>(scope, width);
}

}  // namespace tapegrad::apps
