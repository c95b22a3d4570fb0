#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Multiply {
  template <class T>
  static T apply(T x, T y) {
    return x * y;
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(guarded_product(g, y), x));
  if (context.needs(1)) context.add(1, sum_to(guarded_product(g, x), y));
}

std::vector<OperationCase> check_cases() { return binary_cases(multiply); }

}  // namespace

constinit const Operation multiply_operation{
    .name = "multiply",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Multiply, float, 2>,
    .elementwise_double = elementwise_kernel<Multiply, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor multiply(const Located& x, const Located& y) {
  return elementwise(multiply_operation, x, y);
}

}  // namespace tapegrad
