// Reverse-mode differentiation: from a DAG to a longer DAG.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/graph/gradient_context.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {

// Where contributions to the nodes' gradients are collected, in linked lists per node.
class ContributionSink {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct Contribution {
    NodeId gradient = no_node;
    std::uint32_t next = none;
    int axis = -1;  // -1: of the whole tensor
    Index start = 0;
    Assemble assemble = nullptr;
  };

  void reset(std::size_t nodes);
  void add(NodeId to, const Contribution& contribution);
  bool any(NodeId node) const { return heads_[node] != none; }
  // The sum of the contributions to `node`, in the order in which they were added.
  Tensor combine(Tape& tape, NodeId node);

 private:
  std::vector<std::uint32_t> heads_, tails_;
  std::vector<Contribution> items_;
  std::vector<Tensor> summands_;
  std::vector<Region> regions_;
};

// Reuses its memory from call to call.
class Differentiator {
 public:
  // Appends the gradient nodes of `output` with respect to the targets, starting from `seed` (of
  // the output's type), and writes each target's gradient node, no_node for a target that the
  // output does not reach. Nodes that are not targets' ancestors cost nothing. Throws TapeError
  // naming an operation on the way that has no gradient.
  void differentiate(Tape& tape, NodeId output, const Tensor& seed, std::span<const NodeId> targets,
                     std::span<NodeId> gradients);

 private:
  std::vector<unsigned char> needs_;
  std::vector<unsigned char> is_target_;
  std::vector<NodeId> gradient_of_;
  ContributionSink sink_;
};

// What gradients() does with a target that the output does not depend on.
enum class Unreached { error, zero };

// The gradients of a scalar as nodes of the tape, so that they can be used further, for any order.
// Targets are any tensors. If this or one of the following throws, the tape is as it was.
std::vector<Tensor> gradients(const Located& output, std::span<const Tensor> targets,
                              Unreached unreached = Unreached::error);
Tensor gradient(const Located& output, const Tensor& target);
// The vector-Jacobian product: the same from a given gradient of `output`, which need not be a
// scalar then.
std::vector<Tensor> vector_jacobian_product(const Located& output, const Tensor& output_gradient,
                                            std::span<const Tensor> targets,
                                            Unreached unreached = Unreached::error);
// J·v for output = f(inputs), v = tangents; by differentiating the vector-Jacobian product with
// respect to its vector.
Tensor jacobian_vector_product(const Located& output, std::span<const Tensor> inputs,
                               std::span<const Tensor> tangents);
// H·v, H the Hessian of a scalar, v = vectors; a tensor per target.
std::vector<Tensor> hessian_vector_product(const Located& output, std::span<const Tensor> targets,
                                           std::span<const Tensor> vectors);

// The gradients of the loss for all parameters that it reaches and that are not frozen, computed.
inline Gradients backward(const Located& loss) { return loss.tensor.tape().backward(loss.tensor); }

}  // namespace tapegrad
