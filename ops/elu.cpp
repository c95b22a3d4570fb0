// The gradient reads the input: near -scale the output cannot tell scale·eˣ any more.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Elu {
  template <class T>
  static T apply(T x, T scale) {
    return x > T{0} ? x : scale * vector_math::expm1_of_negative(x);
  }
};

struct EluGradient {
  template <class T>
  static T apply(T gradient, T x, T scale) {
    return guarded(gradient, x > T{0} ? T{1} : scale * vector_math::exp(x));
  }
};

void gradient_rule(GradientContext& context) {
  context.add(
      0, record(elu_gradient_operation, context.gradient(), context.input(0), context.input(1)));
}

void second_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor x = context.input(1);
  const Tensor scale = context.input(2);
  if (context.needs(0)) context.add(0, record(elu_gradient_operation, outer, x, scale));
  if (!context.needs(1)) return;
  // Flat where x is positive.
  const Tensor zero = context.tape().constant(0.0);
  const Tensor curved =
      guarded_product(doubly_guarded_product(outer, context.input(0)), exp(x) * scale);
  context.add(1, where(greater(x, zero), zero, curved));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return elu(x[0], 1.5); };
  const auto negative = [](std::span<const Tensor> x) { return elu(negate(x[0]), 1.5); };
  return {{.name = "positive", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "negative", .inputs = {{1, 3}}, .apply = negative, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0}}, .apply = apply}};
}

}  // namespace

constinit const Operation elu_operation{.name = "elu",
                                        .form = Form::elementwise,
                                        .inputs = 2,
                                        .work = 5.0F,
                                        .elementwise_float = elementwise_kernel<Elu, float, 2>,
                                        .elementwise_double = elementwise_kernel<Elu, double, 2>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

constinit const Operation elu_gradient_operation{
    .name = "elu gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<EluGradient, float, 3>,
    .elementwise_double = elementwise_kernel<EluGradient, double, 3>,
    .gradient = second_rule};

Tensor elu(const Located& x, double scale) {
  return record(elu_operation, x, scalar_like(x, scale));
}

}  // namespace tapegrad
