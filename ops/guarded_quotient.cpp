#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct GuardedQuotient {
  template <class T>
  static T apply(T g, T x) {
    return guarded_ratio(g, x);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor g = context.input(0);
  const Tensor x = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(guarded_quotient(outer, x), g));
  if (context.needs(1)) {
    context.add(
        1, sum_to(negate(guarded_quotient(doubly_guarded_product(outer, context.output()), x)), x));
  }
}

std::vector<OperationCase> check_cases() { return binary_cases(guarded_quotient); }

}  // namespace

constinit const Operation guarded_quotient_operation{
    .name = "guarded_quotient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<GuardedQuotient, float, 2>,
    .elementwise_double = elementwise_kernel<GuardedQuotient, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor guarded_quotient(const Located& g, const Located& x) {
  return elementwise(guarded_quotient_operation, g, x);
}

}  // namespace tapegrad
