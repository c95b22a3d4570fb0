// Where g is 0 the product does not depend on f, so that its gradient for f is guarded by both.
#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct GuardedProduct {
  template <class T>
  static T apply(T g, T f) {
    return guarded(g, f);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor g = context.input(0);
  const Tensor f = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(guarded_product(outer, f), g));
  if (context.needs(1)) context.add(1, sum_to(doubly_guarded_product(outer, g), f));
}

std::vector<OperationCase> check_cases() { return binary_cases(guarded_product); }

}  // namespace

constinit const Operation guarded_product_operation{
    .name = "guarded_product",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<GuardedProduct, float, 2>,
    .elementwise_double = elementwise_kernel<GuardedProduct, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor guarded_product(const Located& g, const Located& f) {
  return elementwise(guarded_product_operation, g, f);
}

}  // namespace tapegrad
