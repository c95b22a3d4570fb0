// What recurrent layers share: options, parameters under PyTorch's names, the walk over layers,
// directions and time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/sequences.h>
#include <tapegrad/nn/small_vector.h>

namespace tapegrad::nn {

struct RecurrentOptions {
  Index layers = 1;
  bool bidirectional = false;
  double dropout = 0.0;  // between layers
  bool bias = true;
  // Initial states are parameters "initial_0", "initial_1", ... [layers·directions, hidden].
  bool learned_state = false;
};

// The products of a cell: parameters "weight_ih", "weight_hh", "bias_ih", "bias_hh" with a suffix,
// [gates·hidden, in], [gates·hidden, hidden] and [gates·hidden] twice, uniform in ±1/√hidden.
class GateProducts {
 public:
  GateProducts(const Scope& scope, Index in, Index hidden, Index gates, bool bias,
               const std::string& suffix);

  // x·W_ihᵀ + b_ih, x [..., in].
  Tensor of_input(const Located& x) const;
  // The same with b_hh added: for cells that add both products before anything else.
  Tensor of_input_with_both_biases(const Located& x) const;
  // h·W_hhᵀ.
  Tensor of_hidden(const Located& hidden) const;
  // h·W_hhᵀ + b_hh.
  Tensor of_hidden_with_bias(const Located& hidden) const;

  Index hidden() const { return hidden_weight_->shape()[1]; }

 private:
  Tensor product(const Located& x, const Parameter& weight) const;

  std::string path_;
  const Parameter* input_weight_;
  const Parameter* hidden_weight_;
  const Parameter* input_bias_ = nullptr;
  const Parameter* hidden_bias_ = nullptr;
};

// What a cell keeps: [batch, hidden] each.
using CellState = SmallVector<Tensor, 2>;
// The state of a recurrent layer: that of each layer's cell, and of each direction in it.
using RecurrentState = SmallVector<CellState, 4>;

struct RaggedResult {
  Sequences output;      // [directions·hidden] a row
  RecurrentState state;  // after each sequence's own last step
};

struct RecurrentResult {
  Tensor output;         // [time, batch, directions·hidden]: the last layer's hidden states
  RecurrentState state;  // after the last step of each direction
};

// The stack of layers that Rnn, Lstm and Gru are. Parameters "weight_ih_l0", "bias_hh_l1_reverse",
// ..., as in PyTorch.
class Recurrent {
 public:
  // `kept` tensors make a cell's state.
  Recurrent(const Scope& scope, Index in, Index hidden, Index gates, Index kept,
            const RecurrentOptions& options);
  virtual ~Recurrent() = default;

  // x [time, batch, in]. Throws ShapeError for another rank, no time, or a state of another form.
  RecurrentResult operator()(const Located& x, const RecurrentState& state) const;
  // From zeros, or from the learned state.
  RecurrentResult operator()(const Located& x) const;
  // Sequences of different lengths, [in] a row: only those that have a step t take part in it, in
  // no special order. An empty one's state stays as it was.
  RaggedResult operator()(const Sequences& x, const RecurrentState& state,
                          SourceLine line = SourceLine::here()) const;
  RaggedResult operator()(const Sequences& x, SourceLine line = SourceLine::here()) const;

  RecurrentState initial_state(Tape& tape, Index batch, SourceLine line = SourceLine::here()) const;
  Index hidden() const { return cells_[0].hidden(); }

 protected:
  Recurrent(const Recurrent&) = default;
  Recurrent& operator=(const Recurrent&) = default;
  // The input's part of all steps [time, batch, gates·hidden].
  virtual Tensor project(const GateProducts& products, const Located& x) const = 0;
  // One step; `projected` [batch, gates·hidden].
  virtual void step(const GateProducts& products, const Tensor& projected,
                    CellState& state) const = 0;

 private:
  Tensor run(std::size_t cell, const Located& x, CellState& state, bool backwards) const;
  Tensor run(std::size_t cell, const Sequences& x, CellState& state, bool backwards,
             SourceLine line) const;
  void check_state(const RecurrentState& state, Index batch, const Located& x) const;

  std::string path_;
  RecurrentOptions options_;
  Index in_, kept_;
  std::vector<GateProducts> cells_;  // by layer, and direction in it
  std::vector<const Parameter*> initial_;
};

}  // namespace tapegrad::nn
