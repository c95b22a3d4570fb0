// What a gradient rule gets and gives: the rule of f emits, with the public operations, the nodes
// of (df/dx)ᵀ · gradient.
#pragma once

#include <span>

#include <tapegrad/graph/tape.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad {

// A gradient of a part of a tensor: the elements [start, start + extent) of an axis.
struct Region {
  Tensor gradient;
  Index start = 0;
};

// Puts regions of `type` along `axis` together, zeros between them; regions that overlap are added.
// May reorder them.
using Assemble = Tensor (*)(const Type& type, int axis, std::span<Region> regions);

class GradientContext {
 public:
  GradientContext(Tape& tape, NodeId node, Tensor gradient, std::span<const unsigned char> needs,
                  class ContributionSink& sink)
      : tape_(tape), node_(node), gradient_(gradient), needs_(needs), sink_(sink) {}

  Tape& tape() const { return tape_; }
  Tensor input(std::size_t i) const { return tape_.tensor(tape_.structure().inputs_of(node_)[i]); }
  std::size_t input_count() const { return tape_.structure().inputs_of(node_).size(); }
  Tensor output() const { return tape_.tensor(node_); }
  // The loss's gradient with respect to the output.
  Tensor gradient() const { return gradient_; }
  // Whether anybody asks for the gradient of input i.
  bool needs(std::size_t i) const { return needs_[tape_.structure().inputs_of(node_)[i]] != 0; }

  template <class Attributes>
  const Attributes& attributes() const {
    return *static_cast<const Attributes*>(
        tape_.types().attributes(tape_.structure().nodes[node_].attributes()));
  }

  // Adds to the gradient of input i. The shape must be the input's. What nobody needs is dropped.
  void add(std::size_t i, const Tensor& gradient);
  // The same for a part of input i along an axis.
  void add_region(std::size_t i, const Tensor& gradient, int axis, Index start, Assemble assemble);

 private:
  NodeId checked_input(std::size_t i) const;

  Tape& tape_;
  NodeId node_;
  Tensor gradient_;
  std::span<const unsigned char> needs_;
  ContributionSink& sink_;
};

}  // namespace tapegrad
