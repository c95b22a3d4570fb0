#include <tapegrad/apps/models/sasrec.h>

#include <cmath>
#include <string>
#include <utility>

#include <tapegrad/apps/models/padded_histories.h>

namespace tapegrad::apps {

SasRec::SasRec(const Scope& scope, const SequenceInputs& inputs, const SasRecOptions& options)
    : SequenceModel(scope, inputs, options.events),
      dropout_(options.dropout),
      positions_(&(scope / "positions")
                      .parameter("weight", {options.length, options.events.width},
                                 nn::normal(0.0, 0.02))) {
  const Index width = options.events.width;
  const Scope encoder = scope / "encoder";
  if (!options.gated) {
    encoder_.emplace(encoder, options.layers, width, options.heads,
                     nn::TransformerOptions{.inner = width,
                                            .dropout = options.dropout,
                                            .activation = nn::Activation::gelu,
                                            .norm_first = true,
                                            .causal = true});
    return;
  }
  for (Index i = 0; i < options.layers; ++i)
    gated_layers_.emplace_back(
        encoder / "layers" / std::to_string(i), width, options.heads,
        nn::LigrOptions{.inner = 4 * width, .dropout = options.dropout, .causal = true});
  norm_.emplace(encoder / "norm", width);
}

SequenceModel::Encoded SasRec::encode(Tape& tape, std::span<const History> histories,
                                      const Tensor& strengths) const {
  // An event sees none of those after it, so padding there needs no mask.
  PaddedHistories padded = pad_histories(histories);
  const Index batch = padded.batch, length = padded.length;
  const Tensor vectors = reshape(embed(tape, padded.events, strengths), {batch, length, width()}) *
                         std::sqrt(static_cast<double>(width()));
  Tensor states = dropout(vectors + slice(tape(*positions_), 0, 0, length), dropout_);
  if (encoder_) {
    states = (*encoder_)(states);
  } else {
    for (const nn::LigrLayer& layer : gated_layers_) states = layer(states);
    states = (*norm_)(states);
  }
  return {.states = reshape(states, {batch * length, width()}), .rows = std::move(padded.rows)};
}

Tensor SasRec::state_after(Tape& tape, const History& history, Trace& trace) const {
  const auto place = static_cast<Index>(history.size()) - 1;
  if (place >= longest()) {
    // The first event that it looks at is another, and all places with it.
    trace.arrays.clear();
    return states_of_long(tape, {&history, 1});
  }
  std::vector<nn::KeyValues> past(encoder_ ? trace.arrays.size() / 2 : gated_layers_.size());
  for (std::size_t i = 0; 2 * i < trace.arrays.size(); ++i)
    past[i] = {tape.input(trace.arrays[2 * i]), tape.input(trace.arrays[2 * i + 1])};
  EventInputs event;
  event.add(history, history.size() - 1);
  Tensor state =
      reshape(embed(tape, event), {1, 1, width()}) * std::sqrt(static_cast<double>(width())) +
      slice(tape(*positions_), 0, place, place + 1);
  if (encoder_) {
    state = (*encoder_)(state, past);
  } else {
    for (std::size_t i = 0; i < gated_layers_.size(); ++i) state = gated_layers_[i](state, past[i]);
    state = (*norm_)(state);
  }
  trace.arrays.clear();
  for (const nn::KeyValues& one : past) {
    trace.arrays.push_back(one.keys.copy());
    trace.arrays.push_back(one.values.copy());
  }
  return reshape(state, {1, width()});
}

namespace {

template <bool gated>
std::unique_ptr<SequenceModel> make(const ModelSettings& settings, const Scope& scope,
                                    const SequenceInputs& inputs) {
  require_heads(settings);
  // Dropout comes after the places were added.
  SequenceModelOptions events = event_options(settings);
  const double dropout = std::exchange(events.dropout, 0.0);
  return std::make_unique<SasRec>(scope, inputs,
                                  SasRecOptions{.events = events,
                                                .layers = settings.whole(sequence_options::layers),
                                                .heads = settings.whole(sequence_options::heads),
                                                .length = settings.whole(sequence_options::length),
                                                .dropout = dropout,
                                                .gated = gated});
}

SequenceRow row_of(std::string_view name, std::string_view summary,
                   decltype(SequenceRow::make) make) {
  return window_row(name, summary,
                    {{&sequence_options::layers, "2", {}, {"1", "2", "3"}},
                     {&sequence_options::heads, "1", {}, {"1", "2"}}},
                    make);
}

}  // namespace

SequenceRow sasrec_row() {
  return row_of("sasrec", "self-attention over the last events of a history", make<false>);
}
SequenceRow esasrec_row() {
  return row_of("esasrec", "the same with gated layers (LiGR), as in eSASRec", make<true>);
}

}  // namespace tapegrad::apps
