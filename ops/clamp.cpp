#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Clamp {
  template <class T>
  static T apply(T x, T low, T high) {
    return x < low ? low : (x > high ? high : x);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor x = context.input(0);
  const Tensor inside = greater_equal(x, context.input(1)) * less_equal(x, context.input(2));
  context.add(0, where(inside, context.gradient(), context.tape().constant(0.0)));
}

std::vector<OperationCase> check_cases() {
  return {
      {.name = "inside", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) { return clamp(x[0], -2.0, 2.0); }},
      {.name = "outside", .inputs = {{1, 3}}, .apply = [](std::span<const Tensor> x) { return clamp(x[0], 2.0, 3.0) * x[0]; }},
      {.name = "empty", .inputs = {{0}}, .apply = [](std::span<const Tensor> x) { return clamp(x[0], 2.0, 3.0); }}};
}

}  // namespace

constinit const Operation clamp_operation{.name = "clamp",
                                          .form = Form::elementwise,
                                          .elementwise_float = elementwise_kernel<Clamp, float, 3>,
                                          .elementwise_double = elementwise_kernel<Clamp, double, 3>,
                                          .gradient = gradient_rule,
                                          .cases = check_cases};

Tensor clamp(const Located& x, double low, double high) {
  if (!(low <= high))
    throw ValueError(fmt::format("clamp: low ({}) must not exceed high ({}); at {}:{}", low, high, x.line.file, x.line.line));
  return record(clamp_operation, x, scalar_like(x, low), scalar_like(x, high));
}

}  // namespace tapegrad
