#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Maximum {
  template <class T>
  static T apply(T x, T y) {
    return y > x || y != y ? y : x;
  }
};

// The gradients go to what was chosen, by selection: what was not chosen gets 0, whatever the incoming gradient is. A NaN is
// always chosen, and its own gradient is NaN.
struct ToFirst {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return y > x || y != y ? (x != x ? guarded(gradient, x) : T{0}) : guarded(gradient, x == x ? T{1} : x);
  }
};
struct ToSecond {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return y > x ? gradient : (y != y ? guarded(gradient, y) : T{0});
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(elementwise(maximum_first_gradient_operation, g, x, y), x));
  if (context.needs(1)) context.add(1, sum_to(elementwise(maximum_second_gradient_operation, g, x, y), y));
}

// Linear in the incoming gradient, flat in what was compared.
template <const Operation& operation>
void second_rule(GradientContext& context) {
  if (context.needs(0)) context.add(0, elementwise(operation, context.gradient(), context.input(1), context.input(2)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return maximum(x[0], x[1]); };
  return {{.name = "same", .inputs = {{2, 3}, {2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{2, 3}, {3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "column", .inputs = {{2, 3}, {2, 1}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}, {1, 2}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "both", .inputs = {{2, 1}, {1, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "inner", .inputs = {{2, 2, 3}, {2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}, {3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation maximum_operation{.name = "maximum",
                                            .form = Form::elementwise,
                                            .inputs = 2,
                                            .work = 1.0F,
                                            .elementwise_float = elementwise_kernel<Maximum, float, 2>,
                                            .elementwise_double = elementwise_kernel<Maximum, double, 2>,
                                            .gradient = gradient_rule,
                                            .cases = check_cases};

constinit const Operation maximum_first_gradient_operation{.name = "maximum gradient",
                                                           .form = Form::elementwise,
                                                           .inputs = 3,
                                                           .elementwise_float = elementwise_kernel<ToFirst, float, 3>,
                                                           .elementwise_double = elementwise_kernel<ToFirst, double, 3>,
                                                           .gradient = second_rule<maximum_first_gradient_operation>};

constinit const Operation maximum_second_gradient_operation{.name = "maximum gradient",
                                                            .form = Form::elementwise,
                                                            .inputs = 3,
                                                            .elementwise_float = elementwise_kernel<ToSecond, float, 3>,
                                                            .elementwise_double = elementwise_kernel<ToSecond, double, 3>,
                                                            .gradient = second_rule<maximum_second_gradient_operation>};

Tensor maximum(const Located& x, const Located& y) { return elementwise(maximum_operation, x, y); }

}  // namespace tapegrad
