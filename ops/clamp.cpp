#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Clamp {
  template <class T>
  static T apply(T x, T low, T high) {
    return x < low ? low : (x > high ? high : x);
  }
};

// Where the output is the input, the gradient passes; NaN stays NaN.
struct ClampGradient {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return x == y ? gradient : (x != x ? guarded(gradient, x) : T{0});
  }
};

void gradient_rule(GradientContext& context) {
  context.add(
      0, record(clamp_gradient_operation, context.gradient(), context.input(0), context.output()));
}

// Linear in its first input, flat in the others.
void second_rule(GradientContext& context) {
  if (context.needs(0))
    context.add(0, record(clamp_gradient_operation, context.gradient(), context.input(1),
                          context.input(2)));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "inside",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return clamp(x[0], -2.0, 2.0); }},
          {.name = "outside",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return clamp(x[0], 2.0, 3.0) * x[0]; }},
          {.name = "empty", .inputs = {{0}}, .apply = [](std::span<const Tensor> x) {
             return clamp(x[0], 2.0, 3.0);
           }}};
}

}  // namespace

constinit const Operation clamp_operation{
    .name = "clamp",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<Clamp, float, 3>,
    .elementwise_double = elementwise_kernel<Clamp, double, 3>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation clamp_gradient_operation{
    .name = "clamp gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ClampGradient, float, 3>,
    .elementwise_double = elementwise_kernel<ClampGradient, double, 3>,
    .gradient = second_rule};

Tensor clamp(const Located& x, double low, double high) {
  if (!(low <= high))
    throw ValueError(fmt::format("clamp: low ({}) must not exceed high ({}); at {}:{}", low, high,
                                 x.line.file, x.line.line));
  return record(clamp_operation, x, scalar_like(x, low), scalar_like(x, high));
}

}  // namespace tapegrad
