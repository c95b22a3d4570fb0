#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct LeakyRelu {
  template <class T>
  static T apply(T x, T slope) {
    return x > T{0} ? x : (x <= T{0} ? guarded(slope, x) : x);
  }
};

struct LeakyReluGradient {
  template <class T>
  static T apply(T gradient, T x, T slope) {
    return x > T{0} ? gradient : guarded(gradient, x <= T{0} ? slope : x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, record(leaky_relu_gradient_operation, context.gradient(), context.input(0),
                        context.input(1)));
}

// Linear in its first input, flat in the second.
void second_rule(GradientContext& context) {
  if (context.needs(0))
    context.add(0, record(leaky_relu_gradient_operation, context.gradient(), context.input(1),
                          context.input(2)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return leaky_relu(x[0], 0.1); };
  const auto negative = [](std::span<const Tensor> x) { return leaky_relu(negate(x[0]), 0.1); };
  return {{.name = "positive", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "negative", .inputs = {{1, 3}}, .apply = negative, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0}}, .apply = apply}};
}

}  // namespace

constinit const Operation leaky_relu_operation{
    .name = "leaky_relu",
    .form = Form::elementwise,
    .inputs = 2,
    .elementwise_float = elementwise_kernel<LeakyRelu, float, 2>,
    .elementwise_double = elementwise_kernel<LeakyRelu, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation leaky_relu_gradient_operation{
    .name = "leaky_relu gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<LeakyReluGradient, float, 3>,
    .elementwise_double = elementwise_kernel<LeakyReluGradient, double, 3>,
    .gradient = second_rule};

Tensor leaky_relu(const Located& x, double slope) {
  return record(leaky_relu_operation, x, scalar_like(x, slope));
}

}  // namespace tapegrad
