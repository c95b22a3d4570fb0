#include <tapegrad/apps/models/sequence_model.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/recurrent_next.h>
#include <tapegrad/apps/models/sasrec.h>
#include <tapegrad/apps/models/settings.h>

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

std::vector<std::string> sequence_model_names() { return {"rnn", "lstm", "gru", "sasrec"}; }

SequenceSettings with_defaults(SequenceSettings given) {
  if (std::ranges::count(sequence_model_names(), given.name) == 0)
    throw OptionError(fmt::format("there is no sequence model {}", in_quotes(given.name)));
  const bool sasrec = given.name == "sasrec";
  if (given.width == 0) given.width = sasrec ? 64 : 192;
  if (given.layers == 0) given.layers = sasrec ? 2 : 1;
  if (given.heads == 0) given.heads = 1;
  if (given.length == 0) given.length = 50;
  if (given.dropout < 0.0) given.dropout = sasrec ? 0.3 : 0.5;
  settings::width.check(given.width);
  settings::layers.check(given.layers);
  settings::heads.check(given.heads);
  settings::length.check(given.length);
  settings::dropout.check(given.dropout);
  if (given.width % given.heads != 0)
    throw OptionError(
        fmt::format("--heads ({}) must divide --width ({})", given.heads, given.width));
  return given;
}

std::unique_ptr<SequenceModel> make_sequence_model(const SequenceSettings& settings,
                                                   const Scope& scope, Index items) {
  if (settings.name == "sasrec") return std::make_unique<SasRec>(settings, scope, items);
  return std::make_unique<RecurrentNext>(settings, scope, items);
}

void ModelPredictor::score(std::span<const History> histories, std::span<float> scores) const {
  TapePool::Borrowed tape(tapes_);
  const Tensor all = model_.logits(model_.states_of_long(*tape, histories));
  std::ranges::copy(all.values<float>(), scores.begin());
}

}  // namespace tapegrad::apps
