// A product in which 0 wins from both sides. Where one factor is 0 it does not depend on the other,
// so its gradients are such products too.
#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct DoublyGuardedProduct {
  template <class T>
  static T apply(T x, T y) {
    return guarded_by_both(x, y);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(doubly_guarded_product(g, y), x));
  if (context.needs(1)) context.add(1, sum_to(doubly_guarded_product(g, x), y));
}

std::vector<OperationCase> check_cases() { return binary_cases(doubly_guarded_product); }

}  // namespace

constinit const Operation doubly_guarded_product_operation{
    .name = "doubly_guarded_product",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<DoublyGuardedProduct, float, 2>,
    .elementwise_double = elementwise_kernel<DoublyGuardedProduct, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor doubly_guarded_product(const Located& x, const Located& y) {
  return elementwise(doubly_guarded_product_operation, x, y);
}

}  // namespace tapegrad
