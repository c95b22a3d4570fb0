#include <tapegrad/apps/models/language_model.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <tapegrad/apps/models/softmax_head.h>

namespace tapegrad::apps {
namespace {

nn::EmbeddingOptions vectors(const LanguageModelOptions& options) {
  if (!options.tied) return {};
  // As weights of the output, vectors of length 1 give logits of about 1.
  return {.weight = nn::normal(0.0, 1.0 / std::sqrt(static_cast<double>(options.embedding)))};
}

}  // namespace

LanguageModel::LanguageModel(const Scope& scope, Index vocabulary,
                             const LanguageModelOptions& options)
    : options_(options),
      embedding_(scope / "embedding", vocabulary, options.embedding, vectors(options)),
      layers_(make_recurrent(options.kind, scope, options.embedding, options.width, options.layers,
                             options.dropout)) {
  if (options.tied && options.embedding != options.width)
    projection_.emplace(scope / "projection", options.width, options.embedding,
                        nn::LinearOptions{.bias = false});
  const Scope output = scope / "output";
  if (!options.tied) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(options.width));
    weight_ = &output.parameter("weight", {vocabulary, options.width}, nn::uniform(-bound, bound));
  }
  bias_ = &output.parameter("bias", {vocabulary}, nn::zeros());
}

LanguageModel::Steps LanguageModel::run(Tape& tape, std::span<const Index> ids, Index batch,
                                        const nn::RecurrentState& before) const {
  const Index steps = static_cast<Index>(ids.size()) / batch;
  const Tensor inputs = dropout(embedding_(tape.ids(ids, {steps, batch})), options_.input_dropout);
  auto [output, after] = (*layers_)(inputs, before);
  Tensor states = dropout(reshape(output, {steps * batch, options_.width}), options_.dropout);
  if (projection_) states = (*projection_)(states);
  return {.states = std::move(states), .after = std::move(after)};
}

const Parameter& LanguageModel::output_weight() const {
  return weight_ != nullptr ? *weight_ : embedding_.weight();
}

Tensor LanguageModel::logits(const Tensor& states) const {
  return softmax_head_logits(states, output_weight(), *bias_);
}

Tensor LanguageModel::loss(const Tensor& states, std::span<const Index> next) const {
  return softmax_head_loss(states, output_weight(), *bias_, next);
}

Tensor LanguageModel::sampled_loss(const Tensor& states, std::span<const Index> next,
                                   std::span<const Index> negatives,
                                   std::span<const double> log_q) const {
  Tape& tape = states.tape();
  return nn::sampled_softmax(states, tape(output_weight()), tape(*bias_), next, negatives, log_q,
                             {}, nn::SampledTarget::exact);
}

double text_loss(const LanguageModel& model, std::span<const std::int32_t> text, int threads) {
  constexpr std::size_t piece = 256;  // units that are looked at together
  Tape tape({.threads = threads, .training = false});
  nn::CarriedState carried;
  double total = 0.0;
  for (std::size_t first = 0; first + 1 < text.size(); first += piece) {
    const std::size_t count = std::min(piece, text.size() - 1 - first);
    const auto units = text.subspan(first, count + 1);
    const std::vector<Index> ids(units.begin(), units.end() - 1),
        next(units.begin() + 1, units.end());
    tape.clear();
    const auto [states, after] = model.run(tape, ids, 1, carried.begin(tape, model.layers(), 1));
    carried.keep(after);
    total += static_cast<double>(count) * model.loss(states, next).item();
    carried.take();
  }
  return total / static_cast<double>(text.size() - 1);
}

}  // namespace tapegrad::apps
