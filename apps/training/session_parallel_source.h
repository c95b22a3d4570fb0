// Batches of sessions side by side, for recurrent models.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/models/recurrent_next.h>
#include <tapegrad/apps/training/item_sampler.h>
#include <tapegrad/apps/training/prefetch.h>
#include <tapegrad/apps/training/sequence_sources.h>

namespace tapegrad::apps {

// Sessions side by side in so many lanes, each followed by another when it ends, in chunks of a few
// steps; the states are carried over, the gradients are not. Source: Hidasi et al., ICLR 2016,
// section 3.1.1.
class SessionParallelSource : public BatchSource {
 public:
  SessionParallelSource(const RecurrentNext& model, const Sessions& sessions,
                        const SequenceSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override { return epoch_samples_; }
  Index samples() const override { return batch_.samples; }
  Tensor loss(Tape& tape) override;
  void computed() override { carried_.take(); }
  std::map<std::string, Array> state() const override { return carried_.values(); }
  void restore(const std::map<std::string, Array>& state) override;

 private:
  struct Batch {
    EventInputs events;
    NextTargets next;
    std::vector<Index> negatives;
    std::vector<float> keep;
    Index samples = 0;
  };
  struct Lane {
    Index session = -1;
    std::size_t place = 0;
  };
  std::optional<Batch> make();

  const RecurrentNext& model_;
  const Sessions& sessions_;
  SequenceSourceOptions options_;
  ItemSampler sampler_;
  TargetWeights weights_;
  Index epoch_samples_ = 0;
  std::vector<Index> order_;
  std::size_t taken_ = 0;  // of the order
  std::vector<Lane> lanes_;
  Random random_{0};
  Batch batch_;
  nn::CarriedState carried_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

}  // namespace tapegrad::apps
