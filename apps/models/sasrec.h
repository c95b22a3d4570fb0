// Self-attention over a history.
#pragma once

#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

struct SasRecOptions {
  SequenceModelOptions events{};
  Index layers = 2;
  Index heads = 1;    // divide the width
  Index length = 50;  // of the part of a history that it looks at
  double dropout = 0.3;
  bool gated = false;  // LiGR layers in the place of the Transformer's
};

// Items' vectors times √width plus the vectors of their places, counted from the first event that
// it looks at, through causal layers; the state at an item scores the one after it. Sources: Kang &
// McAuley, ICDM 2018, with the norms first and GELU; with gated layers Tikhonovich et al.,
// "eSASRec", RecSys 2025.
class SasRec : public SequenceModel {
 public:
  SasRec(const Scope& scope, const SequenceInputs& inputs, const SasRecOptions& options);
  Encoded encode(Tape& tape, std::span<const History> histories,
                 const Tensor& strengths = {}) const override;
  Index longest() const override { return positions_->shape()[0]; }
  // Keeps the keys and values of all layers as long as it looks at the whole history.
  Tensor state_after(Tape& tape, const History& history, Trace& trace) const override;

 private:
  double dropout_;
  const Parameter* positions_;
  std::vector<nn::LigrLayer> gated_layers_;
  std::optional<nn::LayerNorm> norm_;  // after these
  std::optional<nn::TransformerEncoder> encoder_;
};

// Models `sasrec` and `esasrec`.
SequenceRow sasrec_row();
SequenceRow esasrec_row();

}  // namespace tapegrad::apps
