// NaN stays NaN, in the gradient too. The gradient reads the output, which is positive exactly
// where the input is.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Relu {
  template <class T>
  static T apply(T x) {
    return x > T{0} ? x : (x <= T{0} ? T{0} : x);
  }
};

struct ReluGradient {
  template <class T>
  static T apply(T gradient, T y) {
    return y > T{0} ? gradient : (y <= T{0} ? T{0} : guarded(gradient, y));
  }
};
void relu_gradient_rule(GradientContext& context) {
  if (context.needs(0)) context.add(0, relu_gradient(context.gradient(), context.input(1)));
}

void gradient_rule(GradientContext& context) {
  context.add(0, relu_gradient(context.gradient(), context.output()));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return relu(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation relu_operation{.name = "relu",
                                         .form = Form::elementwise,
                                         .inputs = 1,
                                         .work = 1.0F,
                                         .elementwise_float = elementwise_kernel<Relu, float, 1>,
                                         .elementwise_double = elementwise_kernel<Relu, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation relu_gradient_operation{
    .name = "relu gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<ReluGradient, float, 2>,
    .elementwise_double = elementwise_kernel<ReluGradient, double, 2>,
    .gradient = relu_gradient_rule};

Tensor relu_gradient(const Located& gradient, const Located& y) {
  return record(relu_gradient_operation, gradient, y);
}

Tensor relu(const Located& x) { return record(relu_operation, x); }

}  // namespace tapegrad
