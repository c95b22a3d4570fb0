// Higher orders of operations whose first-order gradient is a kernel of its own: through the same
// function written in public operations.
#pragma once

#include <vector>

#include <tapegrad/ops/support.h>

namespace tapegrad {

// Another node of the same value. A rule that differentiates a function of its inputs does so in
// these: one input may depend on another, and only on their own parts counts.
inline Tensor alias_of(const Tensor& x) {
  const Index size = x.shape().size();
  const Tensor other = x.shape().rank() == 1 ? reshape(x, {1, size}) : reshape(x, {size});
  return reshape(other, x.shape());
}

// The gradient rule of a gradient operation G(x₁, ..., xₙ, g), whose output is the gradients of x₁
// to xₙ side by side along the last axis; f computes what the operation itself does, from x₁ to xₙ.
template <class Function>
void add_composite_gradient(GradientContext& context, const Function& f) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i)
    inputs.push_back(alias_of(context.input(i)));
  const std::span<const Tensor> arguments =
      std::span<const Tensor>(inputs).first(inputs.size() - 1);
  const std::vector<Tensor> parts =
      vector_jacobian_product(f(arguments), inputs.back(), arguments, Unreached::zero);
  const std::vector<Tensor> outer =
      vector_jacobian_product(concatenate(parts, -1), context.gradient(), inputs, Unreached::zero);
  for (std::size_t i = 0; i < outer.size(); ++i) {
    if (context.needs(i)) context.add(i, outer[i]);
  }
}

}  // namespace tapegrad
