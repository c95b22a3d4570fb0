#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Divide {
  template <class T>
  static T apply(T x, T y) {
    return x / y;
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(guarded_quotient(g, y), x));
  if (context.needs(1))
    context.add(1, sum_to(negate(guarded_quotient(guarded_product(g, context.output()), y)), y));
}

std::vector<OperationCase> check_cases() { return binary_cases(divide); }

}  // namespace

constinit const Operation divide_operation{
    .name = "divide",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<Divide, float, 2>,
    .elementwise_double = elementwise_kernel<Divide, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor divide(const Located& x, const Located& y) { return elementwise(divide_operation, x, y); }

}  // namespace tapegrad
