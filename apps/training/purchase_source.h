// Batches of sessions with what became of them.
#pragma once

#include <tapegrad/apps/data/purchase_sessions.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/training/length_batch_source.h>

namespace tapegrad::apps {

// The cross-entropy of whether a session ends in a purchase. Sessions of about one length stand in
// a batch together.
class PurchaseSource : public LengthBatchSource {
 public:
  PurchaseSource(const PurchaseModel& model, const PurchaseSessions& sessions, Index batch,
                 std::uint64_t seed);
  Tensor loss(Tape& tape) override;

 private:
  const PurchaseModel& model_;
  const PurchaseSessions& sessions_;
};

}  // namespace tapegrad::apps
