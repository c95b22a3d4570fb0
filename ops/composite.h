// Higher orders of operations whose first-order gradient is a kernel of its own: through the same
// function written in public operations.
#pragma once

#include <vector>

#include <tapegrad/ops/support.h>

namespace tapegrad {

// Adds the gradients of f, which is in public operations and computes what the operation does from
// its first `count` inputs, to these.
template <class Function>
void add_gradients_of(GradientContext& context, std::size_t count, const Function& f) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    // Another node of the same value: one input may depend on another, and here only on their own
    // parts counts.
    const Tensor x = context.input(i);
    const Index size = x.shape().size();
    const Tensor other = x.shape().rank() == 1 ? reshape(x, {1, size}) : reshape(x, {size});
    inputs.push_back(reshape(other, x.shape()));
  }
  const std::vector<Tensor> gradients = vector_jacobian_product(
      f(std::span<const Tensor>(inputs)), context.gradient(), inputs, Unreached::zero);
  for (std::size_t i = 0; i < count; ++i) {
    if (context.needs(i)) context.add(i, gradients[i]);
  }
}

// The gradient rule of a gradient operation G(x₁, ..., xₙ, g), whose output is the gradients of x₁
// to xₙ side by side along the last axis; f computes what the operation itself does, from x₁ to xₙ.
template <class Function>
void add_composite_gradient(GradientContext& context, const Function& f) {
  add_gradients_of(context, context.input_count(), [&](std::span<const Tensor> inputs) {
    const std::span<const Tensor> arguments = inputs.first(inputs.size() - 1);
    return concatenate(
        vector_jacobian_product(f(arguments), inputs.back(), arguments, Unreached::zero), -1);
  });
}

}  // namespace tapegrad
