#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/reduction.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Huber {
  template <class T>
  static T apply(T error, T delta) {
    const T size = error < T{0} ? -error : error;
    return size <= delta ? T{0.5} * error * error : delta * (size - T{0.5} * delta);
  }
};

// The error limited to [-delta, delta].
void gradient_rule(GradientContext& context) {
  if (!context.needs(0)) return;
  const Tensor delta = context.input(1);
  context.add(0, guarded_product(context.gradient(),
                                 record(clamp_operation, context.input(0), negate(delta), delta)));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "small errors",
           .inputs = {{2, 3}, {2, 3}},
           .apply = [](std::span<const Tensor> x) { return huber(x[0], x[1], 5.0); }},
          {.name = "large errors",
           .inputs = {{1, 3}, {1, 3}},
           .apply = [](std::span<const Tensor> x) { return huber(x[0] + 9.0, x[1] * x[1], 0.5); }},
          {.name = "none", .inputs = {{2, 2}, {2, 2}}, .apply = [](std::span<const Tensor> x) {
             return huber(x[0], x[1], 5.0, Reduction::none);
           }}};
}

}  // namespace

constinit const Operation huber_operation{
    .name = "huber",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<Huber, float, 2>,
    .elementwise_double = elementwise_kernel<Huber, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor huber(const Located& prediction, const Located& target, double delta, Reduction reduction) {
  const CalledAs call(prediction.tensor.tape(), "huber");
  if (!(delta > 0.0))
    throw ValueError(fmt::format("huber: delta must be positive, got {}; at {}:{}", delta,
                                 prediction.line.file, prediction.line.line));
  const Located error(subtract(prediction, target), prediction.line);
  return reduced(record(huber_operation, error, scalar_like(prediction, delta)), reduction,
                 prediction.line);
}

}  // namespace tapegrad
