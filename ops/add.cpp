#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Add {
  template <class T>
  static T apply(T x, T y) {
    return x + y;
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  if (context.needs(0)) context.add(0, sum_to(g, context.input(0)));
  if (context.needs(1)) context.add(1, sum_to(g, context.input(1)));
}

std::vector<OperationCase> check_cases() { return binary_cases(add); }

}  // namespace

constinit const Operation add_operation{.name = "add",
                                        .form = Form::elementwise,
                                        .inputs = 2,
                                        .work = 1.0F,
                                        .is_addition = true,
                                        .elementwise_float = elementwise_kernel<Add, float, 2>,
                                        .elementwise_double = elementwise_kernel<Add, double, 2>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

Tensor add(const Located& x, const Located& y) { return elementwise(add_operation, x, y); }

}  // namespace tapegrad
