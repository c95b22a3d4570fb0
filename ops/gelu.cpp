#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

// Beyond this, y is 0 or x, and the density 0, for floats and doubles alike; ∞·0 must not come up.
template <class T>
T bounded(T x) {
  return x < T{-40} ? T{-40} : x;
}

struct Gelu {
  template <class T>
  static T apply(T x) {
    return bounded(x) * vector_math::normal_distribution(x);
  }
};

struct GeluGradient {
  template <class T>
  static T apply(T gradient, T x) {
    const T near = x > T{40} ? T{40} : bounded(x);
    return guarded(gradient,
                   vector_math::normal_distribution(x) + near * vector_math::normal_density(x));
  }
};

// y'' = φ(x)(2 - x²).
void second_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor x = context.input(1);
  constexpr double one_over_root_two_pi = 0.39894228040143268;
  if (context.needs(0)) context.add(0, record(gelu_gradient_operation, outer, x));
  if (context.needs(1)) {
    const Tensor density = exp(square(x) * -0.5) * one_over_root_two_pi;
    const Tensor curvature = guarded_product(density, 2.0 - square(x));
    context.add(1, doubly_guarded_product(outer, guarded_product(context.input(0), curvature)));
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
                                         .inputs = 1,
                                         .work = 15.0F,
                                         .elementwise_float = elementwise_kernel<Gelu, float, 1>,
                                         .elementwise_double = elementwise_kernel<Gelu, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation gelu_gradient_operation{
    .name = "gelu gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 20.0F,
    .elementwise_float = elementwise_kernel<GeluGradient, float, 2>,
    .elementwise_double = elementwise_kernel<GeluGradient, double, 2>,
    .gradient = second_rule};

Tensor gelu(const Located& x) { return record(gelu_operation, x); }

}  // namespace tapegrad
