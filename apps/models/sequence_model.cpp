#include <tapegrad/apps/models/sequence_model.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {
namespace {

constexpr Index fused_logits = Index{1} << 23;  // that are not worth their memory

}  // namespace

SequenceModel::SequenceModel(const Scope& scope, Index items, Index width, double dropout)
    : items_(scope / "items", items, width,
             {.weight = nn::normal(0.0, 1.0 / std::sqrt(static_cast<double>(width)))}),
      biases_(&(scope / "items").parameter("bias", {items}, nn::zeros())),
      dropout_(dropout) {}

Tensor SequenceModel::embed(Tape& tape, std::span<const Index> ids) const {
  return dropout(items_(tape, ids), dropout_);
}

Tensor SequenceModel::logits(const Tensor& states) const {
  Tape& tape = states.tape();
  return matmul(states, tape(items_.weight()), {.right = true}) + tape(*biases_);
}

Tensor SequenceModel::softmax_loss(const Tensor& states, std::span<const Index> next) const {
  Tape& tape = states.tape();
  if (states.shape()[0] * items() < fused_logits)
    return softmax_cross_entropy(logits(states), tape.ids(next));
  // The bias as one more input that is always 1.
  const Tensor ones = tape.full({states.shape()[0], 1}, 1.0);
  const Tensor weights = concatenate({tape(items_.weight()), reshape(tape(*biases_), {-1, 1})});
  return linear_cross_entropy(concatenate({states, ones}), weights, tape.ids(next));
}

Tensor SequenceModel::bpr_max_loss(const Tensor& states, std::span<const Index> next,
                                   std::span<const Index> negatives, double regularisation) const {
  Tape& tape = states.tape();
  const Tensor weight = tape(items_.weight()), bias = reshape(tape(*biases_), {-1, 1});
  const Tensor own = tape.ids(next), others = tape.ids(negatives);
  const Tensor positive =
      dot(states, gather_rows(weight, own)) + reshape(gather_rows(bias, own), {-1});
  const Tensor scores = matmul(states, gather_rows(weight, others), {.right = true}) +
                        reshape(gather_rows(bias, others), {-1});
  return nn::bpr_max(positive, scores, regularisation);
}

void ModelPredictor::score(std::span<const History> histories, std::span<float> scores) const {
  TapePool::Borrowed tape(tapes_);
  const Tensor all = model_.logits(model_.states_of_long(*tape, histories));
  std::ranges::copy(all.values<float>(), scores.begin());
}

}  // namespace tapegrad::apps
