// What a profile says of a plan's instructions. Nodes of the gradient leave the tape once it is
// planned, so the plan keeps their names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/source_line.h>
#include <tapegrad/graph/structure.h>

namespace tapegrad {

// A node that an instruction computes.
struct LabelledNode {
  NodeId node = no_node;         // no_node for one of a gradient that has left the tape
  NodeId gradient_of = no_node;  // for a gradient's: the node whose gradient it is
};

// One instruction's: what is said of its first node, and how many nodes run together.
struct InstructionLabel {
  const Operation* operation = nullptr;
  const Type* type = nullptr;
  NodeId node = no_node;  // its number, also if it has left the tape
  NodeId gradient_of = no_node;
  bool gradient = false;  // the node has left the tape
  // Brings values together that were computed before, `node` the first of them.
  bool copies = false;
  SourceLine line;
  std::string path;                     // of the layer
  std::uint32_t count = 1;              // of nodes that it computes, or copies
  std::span<const LabelledNode> nodes;  // that it computes
};

struct PlanLabels {
  std::vector<InstructionLabel> instructions;  // as in the plan
  std::vector<LabelledNode> nodes;
};

}  // namespace tapegrad
