#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Where {
  template <class T>
  static T apply(T condition, T x, T y) {
    return condition != T{0} ? x : y;
  }
};

// Selects, rather than multiplies: what is not chosen may be infinite or NaN without harm.
void gradient_rule(GradientContext& context) {
  const Tensor condition = context.input(0);
  const Tensor g = context.gradient();
  const Tensor zero = context.tape().constant(0.0);
  if (context.needs(1)) context.add(1, sum_to(where(condition, g, zero), context.input(1)));
  if (context.needs(2)) context.add(2, sum_to(where(condition, zero, g), context.input(2)));
  if (context.needs(0)) context.add(0, context.tape().full(condition.shape(), 0.0));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) {
    return where(greater(x[0], x[1]), x[0] * x[1], square(x[1]));
  };
  return {
      {.name = "same", .inputs = {{2, 3}, {2, 3}}, .apply = apply},
      {.name = "one row", .inputs = {{1, 3}, {1, 3}}, .apply = apply},
      {.name = "broadcast",
       .inputs = {{2, 3}, {3}},
       .apply =
           [](std::span<const Tensor> x) { return where(greater(x[0], 0.0 * x[0]), x[0], x[1]); }},
      {.name = "empty", .inputs = {{0, 3}, {0, 3}}, .apply = apply}};
}

}  // namespace

constinit const Operation where_operation{
    .name = "where",
    .form = Form::elementwise,
    .inputs = 3,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Where, float, 3>,
    .elementwise_double = elementwise_kernel<Where, double, 3>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor where(const Located& condition, const Located& x, const Located& y) {
  return elementwise(where_operation, condition, x, y);
}

}  // namespace tapegrad
