// Batches of sessions with what became of them.
#pragma once

#include <tapegrad/apps/data/purchase_sessions.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/length_batches.h>

namespace tapegrad::apps {

// The cross-entropy of whether a session ends in a purchase. Sessions of about one length stand in
// a batch together.
class PurchaseSource : public BatchSource {
 public:
  PurchaseSource(const PurchaseModel& model, const PurchaseSessions& sessions, Index batch,
                 std::uint64_t seed);
  void begin_epoch(int epoch) override;
  bool next() override { return batches_.next(); }
  Index epoch_samples() const override { return batches_.examples(); }
  Index samples() const override { return static_cast<Index>(batches_.batch().size()); }
  Tensor loss(Tape& tape) override;

 private:
  const PurchaseModel& model_;
  const PurchaseSessions& sessions_;
  std::uint64_t seed_;
  LengthBatches batches_;
};

}  // namespace tapegrad::apps
