#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Subtract {
  template <class T>
  static T apply(T x, T y) {
    return x - y;
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  if (context.needs(0)) context.add(0, sum_to(g, context.input(0)));
  if (context.needs(1)) context.add(1, sum_to(negate(g), context.input(1)));
}

std::vector<OperationCase> check_cases() { return binary_cases(subtract); }

}  // namespace

constinit const Operation subtract_operation{
    .name = "subtract",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Subtract, float, 2>,
    .elementwise_double = elementwise_kernel<Subtract, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor subtract(const Located& x, const Located& y) {
  return elementwise(subtract_operation, x, y);
}

}  // namespace tapegrad
