#include <tapegrad/apps/models/recurrent_next.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

RecurrentNext::RecurrentNext(const Scope& scope, const SequenceInputs& inputs,
                             const RecurrentNextOptions& options)
    : SequenceModel(scope, inputs, options.events),
      layers_(make_recurrent(options.kind, scope, options.events.width, options.events.width,
                             options.layers, options.events.dropout)),
      dropout_(options.events.dropout) {}

namespace {

// The events of histories, one history after another.
struct Joined {
  EventInputs events;
  std::vector<Index> lengths;

  void add(const History& history, std::size_t first, std::size_t count) {
    events.add(history, first, count);
    lengths.push_back(static_cast<Index>(count));
  }
};

Joined joined(std::span<const History> histories) {
  Joined all;
  for (const History& history : histories) all.add(history, 0, history.size());
  return all;
}

}  // namespace

SequenceModel::Encoded RecurrentNext::encode(Tape& tape, std::span<const History> histories,
                                             const Tensor& strengths) const {
  const Joined all = joined(histories);
  const nn::Sequences sequences(embed(tape, all.events, strengths), all.lengths);
  Encoded encoded{.states = dropout((*layers_)(sequences).output.values(), dropout_), .rows = {}};
  encoded.rows.resize(all.events.items.size());
  std::iota(encoded.rows.begin(), encoded.rows.end(), Index{0});
  return encoded;
}

Tensor RecurrentNext::states_of_long(Tape& tape, std::span<const History> histories) const {
  constexpr std::size_t piece = 128;  // events of each history
  std::size_t longest = 0;
  for (const History& history : histories) longest = std::max(longest, history.size());
  if (longest <= piece) return states(tape, histories);
  nn::CarriedState carried;
  for (std::size_t first = 0;; first += piece) {
    Joined part;
    for (const History& history : histories) {
      const std::size_t begin = std::min(first, history.size());
      part.add(history, begin, std::min(piece, history.size() - begin));
    }
    const auto before = carried.begin(tape, *layers_, static_cast<Index>(histories.size()));
    const nn::RecurrentState after =
        (*layers_)(nn::Sequences(embed(tape, part.events), part.lengths), before).state;
    if (first + piece >= longest) return dropout(after.back()[0], dropout_);
    carried.keep(after);
    carried.take();
    tape.clear();
  }
}

Tensor RecurrentNext::state_after(Tape& tape, const History& history, Trace& trace) const {
  EventInputs event;
  event.add(history, history.size() - 1);
  nn::RecurrentState before = layers_->initial_state(tape, 1);
  std::size_t kept = 0;
  for (auto& cell : before) {
    for (Tensor& tensor : cell) {
      if (kept < trace.arrays.size()) tensor = tape.input(trace.arrays[kept++]);
    }
  }
  const nn::RecurrentState after =
      (*layers_)(reshape(embed(tape, event), {1, 1, width()}), before).state;
  trace.arrays.clear();
  for (const auto& cell : after) {
    for (const Tensor& tensor : cell) trace.arrays.push_back(tensor.copy());
  }
  return dropout(after.back()[0], dropout_);
}

RecurrentNext::Steps RecurrentNext::run(Tape& tape, const EventInputs& events,
                                        std::span<const float> keep, Index batch,
                                        const nn::RecurrentState& before) const {
  const auto steps = static_cast<Index>(events.items.size()) / batch;
  const Index width = layers_->hidden();
  const Tensor inputs = reshape(embed(tape, events), {steps, batch, width});
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

namespace {

template <RecurrentKind kind>
std::unique_ptr<SequenceModel> make(const ModelSettings& settings, const Scope& scope,
                                    const SequenceInputs& inputs) {
  return std::make_unique<RecurrentNext>(
      scope, inputs,
      RecurrentNextOptions{.kind = kind,
                           .events = event_options(settings),
                           .layers = settings.whole(sequence_options::layers)});
}

SequenceRow row_of(std::string_view name, std::string_view summary,
                   decltype(SequenceRow::make) make) {
  return {.name = name,
          .summary = summary,
          .options = {{&sequence_options::width, "192", {}, {"64", "96", "128", "192", "256"}},
                      {&sequence_options::layers, "1", {}, {"1", "2"}},
                      {&sequence_options::dropout, "0.5", {}, {"0.2", "0.3", "0.5", "0.6"}},
                      {&sequence_options::intervals, "off", {}, {"off", "on"}},
                      {&sequence_options::revisits, "off", {}, {"off", "on"}},
                      {&sequence_options::loss, "auto", {}, {"auto", "bpr-max"}},
                      {&sequence_options::negatives, "auto"},
                      {&sequence_options::sampling_exponent, "0.75"},
                      {&sequence_options::regularisation, "0.5"},
                      {&sequence_options::calibration, "0.75"},
                      {&sequence_options::batch, "auto", {}, {"auto", "32", "64", "128", "256"}},
                      {&sequence_options::steps, "4", {}, {"1", "2", "4", "8"}}},
          .make = make,
          .loop = {.max_epochs = 50, .patience = 3, .learning_rate = 0.003, .average_decay = 0.99},
          .tuned_loop = {{"learning-rate", {"0.001", "0.002", "0.003", "0.005"}}}};
}

}  // namespace

SequenceRow rnn_row() {
  return row_of("rnn", "a recurrent network with tanh", make<RecurrentKind::rnn>);
}
SequenceRow lstm_row() {
  return row_of("lstm", "a recurrent network with long short-term memory",
                make<RecurrentKind::lstm>);
}
SequenceRow gru_row() {
  return row_of("gru", "a recurrent network with gated recurrent units, as in GRU4Rec",
                make<RecurrentKind::gru>);
}

}  // namespace tapegrad::apps
