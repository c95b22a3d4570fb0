// The gradient of a power with respect to its base is y·xʸ⁻¹, to its exponent xʸ·log x.
#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Power {
  template <class T>
  static T apply(T x, T y) {
    return std::pow(vector_math::flushed(x), vector_math::flushed(y));
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  // Guarded by y, so that a power whose coefficient vanishes does not count: 0·x⁻¹ is 0 at x = 0
  // too. Guarded by xʸ, which goes to 0 faster than log x to infinity.
  if (context.needs(0))
    context.add(0, sum_to(guarded_product(g, guarded_product(y, power(x, y - 1.0))), x));
  if (context.needs(1))
    context.add(1, sum_to(guarded_product(g, guarded_product(context.output(), log(x))), y));
}

std::vector<OperationCase> check_cases() { return binary_cases(power); }

}  // namespace

constinit const Operation power_operation{
    .name = "power",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 30.0F,
    .elementwise_float = elementwise_kernel<Power, float, 2>,
    .elementwise_double = elementwise_kernel<Power, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor power(const Located& x, const Located& y) { return elementwise(power_operation, x, y); }

}  // namespace tapegrad
