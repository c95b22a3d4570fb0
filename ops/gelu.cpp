#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Gelu {
  template <class T>
  static T apply(T x) {
    return x * (T{0.5} * (T{1} + std::erf(x * static_cast<T>(0.70710678118654752))));
  }
};

struct GeluGradient {
  template <class T>
  static T apply(T gradient, T x) {
    const T cumulative = T{0.5} * (T{1} + std::erf(x * static_cast<T>(0.70710678118654752)));
    return gradient * (cumulative + x * static_cast<T>(0.39894228040143268) * vector_math::exp(T{-0.5} * x * x));
  }
};
void gelu_gradient_rule(GradientContext& context) {
  // y'' = φ(x)(2 - x²).
  const Tensor outer = context.gradient();
  const Tensor x = context.input(1);
  constexpr double one_over_root_two_pi = 0.39894228040143268;
  if (context.needs(0)) context.add(0, record(gelu_gradient_operation, outer, x));
  if (context.needs(1)) {
    const Tensor density = exp(square(x) * -0.5) * one_over_root_two_pi;
    context.add(1, outer * (context.input(0) * (density * (2.0 - square(x)))));
  }
}

void gradient_rule(GradientContext& context) {
  context.add(0, record(gelu_gradient_operation, context.gradient(), context.input(0)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return gelu(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation gelu_operation{.name = "gelu",
                                         .form = Form::elementwise,
                                         .work = 20.0F,
                                         .elementwise_float = elementwise_kernel<Gelu, float, 1>,
                                         .elementwise_double = elementwise_kernel<Gelu, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation gelu_gradient_operation{.name = "gelu gradient",
                                                  .form = Form::elementwise,
                                                  .work = 2.0F,
                                                  .elementwise_float = elementwise_kernel<GeluGradient, float, 2>,
                                                  .elementwise_double = elementwise_kernel<GeluGradient, double, 2>,
                                                  .gradient = gelu_gradient_rule};

Tensor gelu(const Located& x) { return record(gelu_operation, x); }

}  // namespace tapegrad
