#include <tapegrad/apps/models/softmax_head.h>

namespace tapegrad::apps {
namespace {

constexpr Index fused_logits = Index{1} << 23;  // from so many on they are not worth their memory

}  // namespace

Tensor softmax_head_logits(const Tensor& states, const Parameter& weight, const Parameter& bias) {
  Tape& tape = states.tape();
  // Threads share the rows of a product's left side: the product of a single state is turned
  // around, so that they share the classes.
  if (states.shape()[0] == 1)
    return reshape(matmul(tape(weight), states, {.right = true}), {1, -1}) + tape(bias);
  return matmul(states, tape(weight), {.right = true}) + tape(bias);
}

Tensor softmax_head_loss(const Tensor& states, const Parameter& weight, const Parameter& bias,
                         std::span<const Index> classes, const Tensor& row_weights) {
  Tape& tape = states.tape();
  const Reduction reduction = row_weights ? Reduction::none : Reduction::mean;
  const auto weighted = [&](const Tensor& loss) {
    return row_weights ? mean(loss * row_weights) : loss;
  };
  if (states.shape()[0] * weight.shape()[0] < fused_logits)
    return weighted(softmax_cross_entropy(softmax_head_logits(states, weight, bias),
                                          tape.ids(classes), {.reduction = reduction}));
  // The bias as one more input that is always 1.
  const Tensor ones = tape.full({states.shape()[0], 1}, 1.0);
  const Tensor weights = concatenate({tape(weight), reshape(tape(bias), {-1, 1})});
  return weighted(linear_cross_entropy(concatenate({states, ones}), weights, tape.ids(classes),
                                       {.reduction = reduction}));
}

}  // namespace tapegrad::apps
