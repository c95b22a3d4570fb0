// What maximum and minimum share: which of two numbers is chosen, and who gets the gradient.
#pragma once

#include <string_view>
#include <vector>

#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {

// y where Beats()(y, x) holds, such as std::greater<>, else x. A NaN is always taken.
template <class Beats>
struct Extremum {
  template <class T>
  static T apply(T x, T y) {
    return Beats()(y, x) || y != y ? y : x;
  }
};

// The gradients go to what was chosen, by selection: what was not chosen gets 0, whatever the
// incoming gradient is. The gradient of a NaN is NaN.
template <class Beats>
struct ExtremumToFirst {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return Beats()(y, x) || y != y ? (x != x ? guarded(gradient, x) : T{0})
                                   : guarded(gradient, x == x ? T{1} : x);
  }
};
template <class Beats>
struct ExtremumToSecond {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return Beats()(y, x) ? gradient : (y != y ? guarded(gradient, y) : T{0});
  }
};

// The gradient rule, from the operations that hold ExtremumToFirst and ExtremumToSecond.
template <const Operation& to_first, const Operation& to_second>
void extremum_gradient(GradientContext& context) {
  const Tensor g = context.gradient(), x = context.input(0), y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(elementwise(to_first, g, x, y), x));
  if (context.needs(1)) context.add(1, sum_to(elementwise(to_second, g, x, y), y));
}

// The gradient rule of these: linear in the incoming gradient, flat in what was compared.
template <const Operation& operation>
void extremum_second_gradient(GradientContext& context) {
  if (context.needs(0))
    context.add(0, elementwise(operation, context.gradient(), context.input(1), context.input(2)));
}

template <class Beats, const Operation& to_first, const Operation& to_second>
constexpr Operation extremum_operation(std::string_view name,
                                       std::vector<OperationCase> (*cases)()) {
  return {.name = name,
          .form = Form::elementwise,
          .inputs = 2,
          .work = 1.0F,
          .elementwise_float = elementwise_kernel<Extremum<Beats>, float, 2>,
          .elementwise_double = elementwise_kernel<Extremum<Beats>, double, 2>,
          .gradient = extremum_gradient<to_first, to_second>,
          .cases = cases};
}

// `Share` is ExtremumToFirst or ExtremumToSecond, `itself` the operation that is made.
template <class Share, const Operation& itself>
constexpr Operation extremum_gradient_operation(std::string_view name) {
  return {.name = name,
          .form = Form::elementwise,
          .inputs = 3,
          .elementwise_float = elementwise_kernel<Share, float, 3>,
          .elementwise_double = elementwise_kernel<Share, double, 3>,
          .gradient = extremum_second_gradient<itself>};
}

}  // namespace tapegrad
