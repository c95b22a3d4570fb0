// A recurrent net that reads a session and scores what comes next.
#pragma once

#include <tapegrad/apps/models/recurrent_kind.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

struct RecurrentNextOptions {
  RecurrentKind kind = RecurrentKind::gru;
  SequenceModelOptions events{.width = 192, .dropout = 0.5};
  Index layers = 1;
};

// Items' vectors go into rnn, lstm or gru layers; the last layer's hidden state, with dropout,
// scores the items. Source: Hidasi et al., "Session-based recommendations with recurrent neural
// networks", ICLR 2016; one table of items for input and output as in Hidasi & Karatzoglou, CIKM
// 2018, section 4.3.
class RecurrentNext : public SequenceModel {
 public:
  RecurrentNext(const Scope& scope, const SequenceInputs& inputs,
                const RecurrentNextOptions& options);
  Encoded encode(Tape& tape, std::span<const History> histories,
                 const Tensor& strengths = {}) const override;
  Tensor states_of_long(Tape& tape, std::span<const History> histories) const override;
  Tensor state_after(Tape& tape, const History& history, Trace& trace) const override;

  // Steps of sessions side by side: events [steps, batch], and keep [steps, batch], 0 where a
  // session begins, whose state is then zero. States [steps·batch, width] after each step.
  struct Steps {
    Tensor states;
    nn::RecurrentState after;
  };
  Steps run(Tape& tape, const EventInputs& events, std::span<const float> keep, Index batch,
            const nn::RecurrentState& before) const;
  const nn::Recurrent& layers() const { return *layers_; }

 private:
  std::unique_ptr<nn::Recurrent> layers_;
  double dropout_;
};

// Models `rnn`, `lstm` and `gru`.
SequenceRow rnn_row();
SequenceRow lstm_row();
SequenceRow gru_row();

}  // namespace tapegrad::apps
