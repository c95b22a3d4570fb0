// The tape's structure: what is compared on a plan-cache hit, and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/operation.h>

namespace tapegrad {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = ~NodeId{0};

// One recorded operation: 24 bytes without padding, so that tapes compare as bytes.
struct Node {
  const Operation* operation = nullptr;
  std::uint32_t attributes_and_flags = 0;  // AttributesId in the low 28 bits
  TypeId type = 0;
  std::uint32_t first_input = 0;  // into Structure::inputs; a leaf's number for a leaf
  std::uint32_t input_count = 0;

  // Recorded under NoGradient, or detached, or a frozen parameter.
  static constexpr std::uint32_t no_gradient_flag = 1u << 28;

  AttributesId attributes() const { return attributes_and_flags & (no_gradient_flag - 1); }
  bool no_gradient() const { return (attributes_and_flags & no_gradient_flag) != 0; }
  bool is_leaf() const { return operation->form == Form::leaf; }
};
static_assert(sizeof(Node) == 24);

// Nodes in the order of their creation, which is a topological order; their inputs are slices of
// one flat array.
struct Structure {
  std::vector<Node> nodes;
  std::vector<NodeId> inputs;

  std::span<const NodeId> inputs_of(const Node& node) const {
    return node.is_leaf()
               ? std::span<const NodeId>{}
               : std::span<const NodeId>(inputs.data() + node.first_input, node.input_count);
  }
  std::span<const NodeId> inputs_of(NodeId node) const { return inputs_of(nodes[node]); }
  NodeId count() const { return static_cast<NodeId>(nodes.size()); }
};

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9ddfea08eb382d69u;
  return hash ^ (hash >> 32);
}

}  // namespace tapegrad
