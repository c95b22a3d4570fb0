// A fixed exponent is an input like any other, a scalar, so that it may change without a new plan;
// but it has no gradient.
#include <cmath>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Power {
  template <class T>
  static T apply(T x, T exponent) {
    return std::pow(vector_math::flushed(x), exponent);
  }
};

void gradient_rule(GradientContext& context) {
  if (!context.needs(0)) return;
  const Tensor exponent = context.input(1);
  // Guarded by the exponent, so that a power whose coefficient vanishes does not count: 0·x⁻¹ is 0
  // at x = 0 too.
  const Tensor lower = record(power_scalar_operation, context.input(0), exponent - 1.0);
  context.add(0, guarded_product(context.gradient(), guarded_product(exponent, lower)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return power(x[0], 2.5); };
  return {{.name = "positive base", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "one row", .inputs = {{1, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "whole exponent, any base",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return power(x[0], 3.0); }},
          {.name = "empty", .inputs = {{0}}, .apply = apply}};
}

}  // namespace

constinit const Operation power_scalar_operation{
    .name = "power",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 30.0F,
    .elementwise_float = elementwise_kernel<Power, float, 2>,
    .elementwise_double = elementwise_kernel<Power, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor power(const Located& x, double exponent) {
  return record(power_scalar_operation, x, detach(scalar_like(x, exponent)));
}

}  // namespace tapegrad
