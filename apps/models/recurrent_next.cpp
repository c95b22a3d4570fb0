#include <tapegrad/apps/models/recurrent_next.h>

#include <algorithm>

namespace tapegrad::apps {
namespace {

std::unique_ptr<nn::Recurrent> make_layers(const SequenceSettings& settings, const Scope& scope) {
  const nn::RecurrentOptions options{.layers = settings.layers,
                                     .dropout = settings.layers > 1 ? settings.dropout : 0.0};
  if (settings.name == "lstm")
    return std::make_unique<nn::Lstm>(scope, settings.width, settings.width, options);
  if (settings.name == "gru")
    return std::make_unique<nn::Gru>(scope, settings.width, settings.width, options);
  return std::make_unique<nn::Rnn>(scope, settings.width, settings.width, nn::RnnActivation::tanh,
                                   options);
}

}  // namespace

RecurrentNext::RecurrentNext(const SequenceSettings& settings, const Scope& scope, Index items)
    : SequenceModel(scope, items, settings.width, settings.dropout),
      layers_(make_layers(settings, scope / settings.name)),
      dropout_(settings.dropout) {}

Tensor RecurrentNext::states(Tape& tape, std::span<const History> histories) const {
  std::vector<Index> ids, lengths;
  for (const History& history : histories) {
    ids.insert(ids.end(), history.begin(), history.end());
    lengths.push_back(static_cast<Index>(history.size()));
  }
  return dropout(nn::last_of((*layers_)(nn::Sequences(embed(tape, ids), lengths)).output),
                 dropout_);
}

Tensor RecurrentNext::states_of_long(Tape& tape, std::span<const History> histories) const {
  constexpr std::size_t piece = 128;  // events of each history
  std::size_t longest = 0;
  for (const History& history : histories) longest = std::max(longest, history.size());
  if (longest <= piece) return states(tape, histories);
  nn::CarriedState carried;
  for (std::size_t first = 0;; first += piece) {
    std::vector<Index> ids, lengths;
    for (const History& history : histories) {
      const History rest = history.subspan(std::min(first, history.size()));
      const History part = rest.first(std::min(piece, rest.size()));
      ids.insert(ids.end(), part.begin(), part.end());
      lengths.push_back(static_cast<Index>(part.size()));
    }
    const auto before = carried.begin(tape, *layers_, static_cast<Index>(histories.size()));
    const nn::RecurrentState after =
        (*layers_)(nn::Sequences(embed(tape, ids), lengths), before).state;
    if (first + piece >= longest) return dropout(after.back()[0], dropout_);
    carried.keep(after);
    carried.take();
    tape.clear();
  }
}

RecurrentNext::Steps RecurrentNext::run(Tape& tape, std::span<const Index> items,
                                        std::span<const float> keep, Index batch,
                                        const nn::RecurrentState& before) const {
  const auto steps = static_cast<Index>(items.size()) / batch;
  const Index width = layers_->hidden();
  const Tensor inputs = reshape(embed(tape, items), {steps, batch, width});
  Steps result{.states = {}, .after = before};
  std::vector<Tensor> outputs;
  for (Index t = 0; t < steps; ++t) {
    const Tensor kept = tape.input(
        keep.subspan(static_cast<std::size_t>(t * batch), static_cast<std::size_t>(batch)),
        {batch, 1});
    for (auto& cell : result.after) {
      for (Tensor& tensor : cell) tensor = tensor * kept;
    }
    auto [output, after] = (*layers_)(slice(inputs, 0, t, t + 1), result.after);
    outputs.push_back(reshape(output, {batch, width}));
    result.after = std::move(after);
  }
  result.states = dropout(concatenate(outputs, 0), dropout_);
  return result;
}

}  // namespace tapegrad::apps
