// y = x·σ(x), y' = σ(x)·(1 + x·(1 - σ(x))).
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

// Below, y is 0 for floats and doubles alike; ∞·0 must not come up.
template <class T>
T bounded(T x) {
  return x < T{-800} ? T{-800} : x;
}

struct Silu {
  template <class T>
  static T apply(T x) {
    return bounded(x) * vector_math::sigmoid(x);
  }
};

struct SiluGradient {
  template <class T>
  static T apply(T gradient, T x) {
    const T s = vector_math::sigmoid(x);
    const T near = x > T{800} ? T{800} : bounded(x);
    // 1 - s without cancellation.
    return guarded(gradient, s * (T{1} + near * vector_math::sigmoid(-x)));
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, record(silu_gradient_operation, context.gradient(), context.input(0)));
}

// y'' = σ'(x)·(2 + x·(1 - 2σ(x))).
void second_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor x = context.input(1);
  if (context.needs(0)) context.add(0, record(silu_gradient_operation, outer, x));
  if (context.needs(1)) {
    const Tensor s = sigmoid(x);
    const Tensor curvature = sigmoid_gradient(2.0 + x * (1.0 - (s + s)), s);
    context.add(1, doubly_guarded_product(outer, guarded_product(context.input(0), curvature)));
  }
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return silu(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation silu_operation{.name = "silu",
                                         .form = Form::elementwise,
                                         .inputs = 1,
                                         .work = 6.0F,
                                         .elementwise_float = elementwise_kernel<Silu, float, 1>,
                                         .elementwise_double = elementwise_kernel<Silu, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation silu_gradient_operation{
    .name = "silu gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 12.0F,
    .elementwise_float = elementwise_kernel<SiluGradient, float, 2>,
    .elementwise_double = elementwise_kernel<SiluGradient, double, 2>,
    .gradient = second_rule};

Tensor silu(const Located& x) { return record(silu_operation, x); }

}  // namespace tapegrad
