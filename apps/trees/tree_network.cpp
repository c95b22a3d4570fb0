#include <tapegrad/apps/trees/tree_network.h>

namespace tapegrad::apps {
namespace {

// The parts of gates [rows, parts·width] side by side.
Tensor part(const Tensor& gates, Index width, Index number) {
  return slice(gates, 1, number * width, (number + 1) * width);
}

}  // namespace

ChildSumCell::ChildSumCell(const Scope& scope, Index width)
    : width_(width),
      gates_(scope / "gates", width, 3 * width),
      forget_(scope / "forget", width, width) {}

TreeState ChildSumCell::operator()(std::span<const TreeState> children) const {
  Tensor hidden = children.front().hidden;
  for (const TreeState& child : children.subspan(1)) hidden = hidden + child.hidden;
  const Tensor gates = gates_(hidden);
  Tensor cell = sigmoid(part(gates, width_, 0)) * tanh(part(gates, width_, 2));
  for (const TreeState& child : children) cell = cell + sigmoid(forget_(child.hidden)) * child.cell;
  return {sigmoid(part(gates, width_, 1)) * tanh(cell), cell};
}

BinaryCell::BinaryCell(const Scope& scope, Index width)
    : width_(width), gates_(scope / "gates", 2 * width, 5 * width) {}

TreeState BinaryCell::operator()(std::span<const TreeState> children) const {
  const bool has_two = children.size() == 2;
  const Tensor& left = children.front().hidden;
  const Tensor second = has_two ? children[1].hidden : left * 0.0;
  const Tensor gates = gates_(concatenate({left, second}, 1));
  Tensor cell = sigmoid(part(gates, width_, 0)) * tanh(part(gates, width_, 4)) +
                sigmoid(part(gates, width_, 1)) * children.front().cell;
  if (has_two) cell = cell + sigmoid(part(gates, width_, 2)) * children[1].cell;
  return {sigmoid(part(gates, width_, 3)) * tanh(cell), cell};
}

TreeNetwork::TreeNetwork(const Scope& scope, Index vocabulary, Index outputs, MakeCell cell,
                         const TreeNetworkOptions& options)
    : width_(options.width),
      options_(options),
      words_(scope / "words", vocabulary, options.embedding,
             nn::EmbeddingOptions{.weight = nn::uniform(-0.05, 0.05)}),
      leaf_(scope / "leaf", options.embedding, 3 * options.width),
      cell_(cell(scope / "cell", options.width)),
      output_(scope / "output", options.width, outputs) {}

template <class Take>
void TreeNetwork::run(Tape& tape, const TreeInputs& inputs, std::span<const Index> trees,
                      const Take& take) const {
  // All leaves at once, then tree by tree: the planner puts nodes of different trees together.
  std::vector<Index> words;
  for (const Index tree : trees) {
    const Index first = inputs.trees[static_cast<std::size_t>(tree)];
    for (Index node = first; node < first + inputs.nodes(tree); ++node) {
      const std::int32_t word = inputs.words[static_cast<std::size_t>(node)];
      if (word >= 0) words.push_back(word);
    }
  }
  const Tensor gates = leaf_(dropout(words_(tape, words), options_.input_dropout));
  const Tensor cells = sigmoid(part(gates, width_, 0)) * tanh(part(gates, width_, 2));
  const Tensor hidden = sigmoid(part(gates, width_, 1)) * tanh(cells);
  Index leaf = 0;
  std::vector<TreeState> states, children;
  for (const Index tree : trees) {
    const Index first = inputs.trees[static_cast<std::size_t>(tree)];
    states.clear();
    for (Index node = first; node < first + inputs.nodes(tree); ++node) {
      if (inputs.words[static_cast<std::size_t>(node)] >= 0) {
        states.push_back({slice(hidden, 0, leaf, leaf + 1), slice(cells, 0, leaf, leaf + 1)});
        ++leaf;
        continue;
      }
      children.clear();
      for (const std::int32_t child : inputs.children_at(node))
        children.push_back(states[static_cast<std::size_t>(child)]);
      states.push_back((*cell_)(children));
    }
    take(states);
  }
}

Tensor TreeNetwork::states(Tape& tape, const TreeInputs& inputs,
                           std::span<const Index> trees) const {
  std::vector<Tensor> all;
  run(tape, inputs, trees, [&](const std::vector<TreeState>& states) {
    for (const TreeState& state : states) all.push_back(state.hidden);
  });
  return concatenate(all, 0);
}

Tensor TreeNetwork::roots(Tape& tape, const TreeInputs& inputs,
                          std::span<const Index> trees) const {
  std::vector<Tensor> all;
  run(tape, inputs, trees,
      [&](const std::vector<TreeState>& states) { all.push_back(states.back().hidden); });
  return concatenate(all, 0);
}

Tensor TreeNetwork::outputs(const Tensor& states) const {
  return output_(dropout(states, options_.dropout));
}

}  // namespace tapegrad::apps
