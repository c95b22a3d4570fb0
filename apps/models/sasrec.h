// Self-attention over a history.
#pragma once

#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

struct SasRecOptions {
  Index width = 64;
  Index layers = 2;
  Index heads = 1;    // divide the width
  Index length = 50;  // of the part of a history that it looks at
  double dropout = 0.3;
};

// Items' vectors times √width plus the vectors of their places, counted from the end, through
// causal encoder layers; the state at an item scores the one after it. Source: Kang & McAuley, ICDM
// 2018, with the norms first and GELU.
class SasRec : public SequenceModel {
 public:
  SasRec(const Scope& scope, Index items, const SasRecOptions& options);
  Tensor states(Tape& tape, std::span<const History> histories) const override;

  // The histories' last parts, padded on the left: [batch, length] each.
  struct Padded {
    std::vector<Index> items;
    std::vector<float> mask;  // 0 where there is padding
    Index batch = 0, length = 0;
  };
  Padded pad(std::span<const History> histories) const;
  // A state after every item: [batch·length, width].
  Tensor run(Tape& tape, const Padded& histories) const;
  // The part of a history that counts.
  History last_part(const History& history) const;

 private:
  Index width_, length_;
  double dropout_;
  const Parameter* positions_;
  nn::TransformerEncoder encoder_;
};

// Model `sasrec`.
SequenceRow sasrec_row();

}  // namespace tapegrad::apps
