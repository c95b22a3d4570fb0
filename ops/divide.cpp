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
  if (context.needs(1)) context.add(1, sum_to(negate(guarded_quotient(guarded_product(g, context.output()), y)), y));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return divide(x[0], x[1]); };
  return {{.name = "same", .inputs = {{2, 3}, {2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{2, 3}, {3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "column", .inputs = {{2, 3}, {2, 1}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}, {1, 2}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "both", .inputs = {{2, 1}, {1, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "inner", .inputs = {{2, 2, 3}, {2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}, {3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation divide_operation{.name = "divide",
                                           .form = Form::elementwise,
                                           .inputs = 2,
                                           .work = 2.0F,
                                           .elementwise_float = elementwise_kernel<Divide, float, 2>,
                                           .elementwise_double = elementwise_kernel<Divide, double, 2>,
                                           .gradient = gradient_rule,
                                           .cases = check_cases};

Tensor divide(const Located& x, const Located& y) { return elementwise(divide_operation, x, y); }

}  // namespace tapegrad
