// |x|·(share of the wrong side) + log(1 + e^-|x|): the cross-entropy of σ(x) and y without
// overflow. The share is 1 - y for positive x and y for others; where it is 0 an infinite x is a
// certain and right answer.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/reduction.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct BinaryCrossEntropy {
  template <class T>
  static T apply(T x, T y) {
    const T magnitude = std::abs(x);
    const T share = x > T{0} ? T{1} - y : y;
    return guarded(share, magnitude) + vector_math::log1p(vector_math::exp(-magnitude));
  }
};

struct BinaryCrossEntropyGradient {
  template <class T>
  static T apply(T g, T x, T y) {
    return guarded(g, vector_math::sigmoid(x) - y);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(record(bce_gradient_operation, g, x, y), x));
  if (context.needs(1)) context.add(1, sum_to(negate(guarded_product(g, x)), y));
}

void second_rule(GradientContext& context) {
  const Tensor o = context.gradient();
  const Tensor g = context.input(0);
  const Tensor x = context.input(1);
  const Tensor y = context.input(2);
  if (context.needs(0)) context.add(0, sum_to(record(bce_gradient_operation, o, x, y), g));
  if (context.needs(1))
    context.add(1, sum_to(sigmoid_gradient(doubly_guarded_product(o, g), sigmoid(x)), x));
  if (context.needs(2)) context.add(2, sum_to(negate(doubly_guarded_product(o, g)), y));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) {
    return binary_cross_entropy_with_logits(x[0], x[1]);
  };
  return {{.name = "matrix", .inputs = {{2, 3}, {2, 3}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 3}, {1, 3}}, .apply = apply},
          {.name = "one number", .inputs = {{1, 1}, {1, 1}}, .apply = apply},
          {.name = "none", .inputs = {{2, 2}, {2, 2}}, .apply = [](std::span<const Tensor> x) {
             return binary_cross_entropy_with_logits(x[0], x[1], Reduction::none);
           }}};
}

}  // namespace

constinit const Operation bce_operation{
    .name = "binary_cross_entropy_with_logits",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 10.0F,
    .elementwise_float = elementwise_kernel<BinaryCrossEntropy, float, 2>,
    .elementwise_double = elementwise_kernel<BinaryCrossEntropy, double, 2>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation bce_gradient_operation{
    .name = "binary_cross_entropy_with_logits gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .work = 6.0F,
    .elementwise_float = elementwise_kernel<BinaryCrossEntropyGradient, float, 3>,
    .elementwise_double = elementwise_kernel<BinaryCrossEntropyGradient, double, 3>,
    .gradient = second_rule};

Tensor binary_cross_entropy_with_logits(const Located& logits, const Located& target,
                                        Reduction reduction) {
  const CalledAs call(logits.tensor.tape(), "binary_cross_entropy_with_logits");
  if (logits.shape() != target.shape()) {
    throw ShapeError(
        fmt::format("binary_cross_entropy_with_logits: the target must be like the logits; logits "
                    "{}, target {}; {}",
                    logits.shape().to_string(), target.shape().to_string(),
                    logits.tensor.tape().place({&logits.tensor, 1}, logits.line)));
  }
  return reduced(record(bce_operation, logits, target), reduction, logits.line);
}

}  // namespace tapegrad
