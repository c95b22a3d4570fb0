// Batches of sessions with what became of them.
#pragma once

#include <optional>
#include <vector>

#include <tapegrad/apps/data/purchase_sessions.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/training/batch_source.h>

namespace tapegrad::apps {

// The cross-entropy of whether a session ends in a purchase. Sessions of about one length stand in
// a batch together.
class PurchaseSource : public BatchSource {
 public:
  PurchaseSource(const PurchaseModel& model, const PurchaseSessions& sessions, Index batch,
                 std::uint64_t seed);
  void begin_epoch(int epoch) override;
  bool next() override;
  Index epoch_samples() const override { return sessions_.sessions.count(); }
  Index samples() const override { return static_cast<Index>(batch_.size()); }
  Tensor loss(Tape& tape) override;

 private:
  const PurchaseModel& model_;
  const PurchaseSessions& sessions_;
  Index batch_size_;
  std::uint64_t seed_;
  std::vector<Index> order_;
  std::vector<std::size_t> batches_;  // the first session of each, in their order
  std::size_t taken_ = 0;             // of these
  std::vector<Index> batch_;
};

}  // namespace tapegrad::apps
