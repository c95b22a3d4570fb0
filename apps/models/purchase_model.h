// Whether a session ends in a purchase.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/sequence_model.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/models/stored_row.h>

namespace tapegrad::apps {

// The logit of a purchase is a linear layer of the state that a model of sequences has after the
// last event. Parameters "encoder/..." and "purchase/weight", "purchase/bias".
class PurchaseModel {
 public:
  PurchaseModel(const SequenceRow& row, const ModelSettings& settings, const Scope& scope,
                const SequenceInputs& inputs);
  // [sessions]; of each session the last longest() events are looked at.
  // `strengths` as SequenceModel::states() takes them.
  Tensor logits(Tape& tape, std::span<const History> sessions, const Tensor& strengths = {}) const;
  // How many events of a session it looks at; a recurrent model, which could look at all, looks at
  // 200.
  Index longest() const { return encoder_->longest() > 0 ? encoder_->longest() : 200; }

 private:
  std::unique_ptr<SequenceModel> encoder_;
  nn::Linear output_;
};

// The row of a network as it is made and trained here: without the options of losses over items,
// and with defaults of its own.
SequenceRow purchase_row(const SequenceRow& row);
// Those of all networks.
std::vector<SequenceRow> purchase_rows();

// The logits of sessions without gradients; the parameters must not change meanwhile.
std::vector<double> purchase_logits(const PurchaseModel& model, const Sessions& sessions,
                                    int threads);

// A trained model and what it needs besides its weights.
struct StoredPurchaseModel : StoredRow {  // of sequence_row.h
  std::unique_ptr<PurchaseModel> model;
  IdMap items, types;
  std::shared_ptr<const EntityFeatures> item_features;  // null without
  std::string purchase_type;  // the type of events that are purchases; empty: labels say it
  double temperature = 1.0;   // the probability of a purchase is σ(logit / temperature)
  double threshold = 0.5;     // a probability of this or more counts as a purchase

  double probability(double logit) const;
};

}  // namespace tapegrad::apps
