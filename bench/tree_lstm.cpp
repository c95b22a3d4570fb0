// Binary Tree-LSTM of 150 on word vectors of 300: 25 random trees of 5 to 35 leaves a step, five
// classes at every node, Adagrad. Source: Tai et al., ACL 2015.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index hidden = 150;
constexpr tg::Index words = 20000;
constexpr tg::Index trees_a_step = 25;

// A tree's nodes in prefix order: (word, label) for a leaf, (-1, label) for an inner node.
using Nodes = std::vector<std::pair<tg::Index, tg::Index>>;

class TreeLstm : public Workload {
 public:
  explicit TreeLstm(const tg::TapeOptions& options)
      : Workload(options),
        words_(parameters_.root() / "emb", words, 300),
        leaf_(parameters_.root() / "leaf", 300, 3 * hidden),
        node_(parameters_.root() / "node", 2 * hidden, 5 * hidden),
        classes_(parameters_.root() / "cls", hidden, 5),
        adagrad_({.learning_rate = 0.05, .threads = options.threads}) {}

 private:
  struct State {
    tg::Tensor h, c;
  };

  void grow(Nodes& nodes, tg::Index leaves) {
    if (leaves == 1) {
      nodes.emplace_back(random_.below(words), random_.below(5));
      return;
    }
    nodes.emplace_back(-1, random_.below(5));
    const tg::Index left = 1 + random_.below(leaves - 1);
    grow(nodes, left);
    grow(nodes, leaves - left);
  }

  State run(tg::Tape& tape, const Nodes& nodes, std::size_t& at) {
    const auto [word, label] = nodes[at++];
    State state;
    tg::Tensor output;
    if (word >= 0) {
      const tg::Tensor gates = leaf_(words_(tape, std::span<const tg::Index>(&word, 1)));
      const tg::Tensor i = tg::slice(gates, 1, 0, hidden),
                       u = tg::slice(gates, 1, 2 * hidden, 3 * hidden);
      output = tg::slice(gates, 1, hidden, 2 * hidden);
      state.c = tg::sigmoid(i) * tg::tanh(u);
    } else {
      const State left = run(tape, nodes, at);
      const State right = run(tape, nodes, at);
      const tg::Tensor gates = node_(tg::concatenate({left.h, right.h}, 1));
      const auto gate = [&](tg::Index k) {
        return tg::slice(gates, 1, k * hidden, (k + 1) * hidden);
      };
      output = gate(3);
      state.c = tg::sigmoid(gate(0)) * tg::tanh(gate(4)) + tg::sigmoid(gate(1)) * left.c +
                tg::sigmoid(gate(2)) * right.c;
    }
    state.h = tg::sigmoid(output) * tg::tanh(state.c);
    states_.push_back(state.h);
    labels_.push_back(label);
    return state;
  }

  void next_trees() {
    trees_.resize(trees_a_step);
    for (Nodes& tree : trees_) {
      tree.clear();
      if (given_.empty())
        grow(tree, 5 + random_.below(31));
      else
        tree = given_[next_++ % given_.size()];
    }
  }

  tg::Tensor record(tg::Tape& tape) override {
    next_trees();
    states_.clear();
    labels_.clear();
    for (const Nodes& nodes : trees_) {
      std::size_t at = 0;
      run(tape, nodes, at);
    }
    units_ = static_cast<tg::Index>(labels_.size());
    return tg::softmax_cross_entropy(classes_(tg::concatenate(states_, 0)), tape.ids(labels_));
  }
  void update(tg::Gradients& gradients) override { adagrad_.update(parameters_, gradients); }

  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    const std::vector<tg::Index> nodes = integers(inputs, "nodes");
    // The step, the tree and the first of its rows of nodes.
    const std::vector<tg::Index> index = integers(inputs, "trees");
    for (std::size_t t = 0; t * 3 < index.size(); ++t) {
      const auto first = static_cast<std::size_t>(index[t * 3 + 2]);
      const std::size_t last =
          t * 3 + 5 < index.size() ? static_cast<std::size_t>(index[t * 3 + 5]) : nodes.size() / 2;
      Nodes& tree = given_.emplace_back();
      for (std::size_t i = first; i < last; ++i) tree.emplace_back(nodes[i * 2], nodes[i * 2 + 1]);
    }
  }

  tg::nn::Embedding words_;
  tg::nn::Linear leaf_, node_, classes_;
  tg::optim::Adagrad adagrad_;
  std::vector<Nodes> trees_, given_;
  std::size_t next_ = 0;
  std::vector<tg::Tensor> states_;
  std::vector<tg::Index> labels_;
};

}  // namespace

std::unique_ptr<Workload> make_tree_lstm(const tg::TapeOptions& options) {
  return std::make_unique<TreeLstm>(options);
}

}  // namespace bench
