#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Erf {
  template <class T>
  static T apply(T x) {
    return vector_math::erf(x);
  }
};

// The derivative is 2/√π·exp(-x²).
struct ErfGradient {
  template <class T>
  static T apply(T gradient, T x) {
    return guarded(gradient, static_cast<T>(1.1283791670955126) * vector_math::gaussian(x, T{1}));
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, record(erf_gradient_operation, context.gradient(), context.input(0)));
}

void second_rule(GradientContext& context) {
  const Tensor x = context.input(1);
  const Tensor scaled = record(erf_gradient_operation, context.gradient(), x);
  if (context.needs(0)) context.add(0, scaled);
  if (context.needs(1))
    context.add(1, doubly_guarded_product(scaled, guarded_product(context.input(0), x * -2.0)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return erf(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation erf_operation{.name = "erf",
                                        .form = Form::elementwise,
                                        .inputs = 1,
                                        .work = 20.0F,
                                        .elementwise_float = elementwise_kernel<Erf, float, 1>,
                                        .elementwise_double = elementwise_kernel<Erf, double, 1>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

constinit const Operation erf_gradient_operation{
    .name = "erf gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 8.0F,
    .elementwise_float = elementwise_kernel<ErfGradient, float, 2>,
    .elementwise_double = elementwise_kernel<ErfGradient, double, 2>,
    .gradient = second_rule};

Tensor erf(const Located& x) { return record(erf_operation, x); }

}  // namespace tapegrad
