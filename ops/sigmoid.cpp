#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Sigmoid {
  template <class T>
  static T apply(T x) {
    return vector_math::sigmoid(x);
  }
};

struct SigmoidGradient {
  template <class T>
  static T apply(T gradient, T y) {
    return guarded(gradient, y * (T{1} - y));
  }
};
void sigmoid_gradient_rule(GradientContext& context) {
  // d/dy of g·y(1-y) is g(1-2y).
  const Tensor outer = context.gradient();
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sigmoid_gradient(outer, y));
  if (context.needs(1))
    context.add(1, doubly_guarded_product(outer, guarded_product(context.input(0), 1.0 - (y + y))));
}

void gradient_rule(GradientContext& context) {
  context.add(0, sigmoid_gradient(context.gradient(), context.output()));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return sigmoid(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -3.0, .high = 3.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -3.0, .high = 3.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -3.0, .high = 3.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -3.0, .high = 3.0}};
}

}  // namespace

constinit const Operation sigmoid_operation{
    .name = "sigmoid",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 5.0F,
    .elementwise_float = elementwise_kernel<Sigmoid, float, 1>,
    .elementwise_double = elementwise_kernel<Sigmoid, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation sigmoid_gradient_operation{
    .name = "sigmoid gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<SigmoidGradient, float, 2>,
    .elementwise_double = elementwise_kernel<SigmoidGradient, double, 2>,
    .gradient = sigmoid_gradient_rule};

Tensor sigmoid_gradient(const Located& gradient, const Located& y) {
  return record(sigmoid_gradient_operation, gradient, y);
}

Tensor sigmoid(const Located& x) { return record(sigmoid_operation, x); }

}  // namespace tapegrad
