// Trees as networks read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/trees/tree.h>

namespace tapegrad::apps {

// Tree i has nodes [trees[i], trees[i + 1]), and node n the children [children_of[n],
// children_of[n + 1]), by their places in the tree.
struct TreeInputs {
  std::vector<Index> trees{0}, children_of{0};
  std::vector<std::int32_t> children;
  std::vector<std::int32_t> words;  // of nodes, by their numbers in a vocabulary; -1 of inner ones

  Index count() const { return static_cast<Index>(trees.size()) - 1; }
  Index nodes(Index tree) const {
    const auto at = static_cast<std::size_t>(tree);
    return trees[at + 1] - trees[at];
  }
  std::span<const std::int32_t> children_at(Index node) const {
    const auto at = static_cast<std::size_t>(node);
    return std::span(children).subspan(
        static_cast<std::size_t>(children_of[at]),
        static_cast<std::size_t>(children_of[at + 1] - children_of[at]));
  }
};

// The words of some of the trees that `least` of them or more have, in a form that does not tell
// case or width apart; number 0 stands for every other word.
IdMap tree_vocabulary(std::span<const Tree> trees, std::span<const Index> some, Index least);

TreeInputs tree_inputs(std::span<const Tree> trees, const IdMap& vocabulary);

// The most children that a node has.
Index most_children(std::span<const Tree> trees);

}  // namespace tapegrad::apps
