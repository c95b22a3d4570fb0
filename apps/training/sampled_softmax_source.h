// Pairs of users and items for the sampled softmax.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/item_sampler.h>
#include <tapegrad/apps/training/pair_options.h>
#include <tapegrad/apps/training/prefetch.h>

namespace tapegrad::apps {

// Seen pairs, each against the same sampled items of the batch: nn::sampled_softmax, as the pairs
// weigh. An item is drawn by (its users)^0.75 (ItemSampler), for which the logits are corrected
// (logQ).
class SampledSoftmaxSource : public BatchSource {
 public:
  // Throws OptionError for a model whose logits are no products of vectors.
  SampledSoftmaxSource(const InteractionModel& model, const UserItems& pairs,
                       const PairSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override { return static_cast<Index>(order_.size()); }
  Index samples() const override { return static_cast<Index>(batch_.targets.size()); }
  Tensor loss(Tape& tape) override;

 private:
  struct Batch {
    std::vector<std::int32_t> users;    // distinct
    std::vector<std::int32_t> user_of;  // of each pair: its place in `users`
    std::vector<std::int32_t> items;    // distinct
    std::vector<double> log_q;          // of these
    std::vector<Index> targets;         // of each pair: its item's place in `items`
    std::vector<float> weights;         // of each pair; none where all weigh the same
    std::vector<Index> negatives;       // places in `items`
  };
  std::optional<Batch> make();

  const InteractionModel& model_;
  PairSourceOptions options_;
  std::vector<std::int32_t> pair_users_, pair_items_, order_;
  std::vector<float> pair_weights_;
  ItemSampler sampler_;
  std::size_t taken_ = 0;  // of the order
  Random random_{0};
  Batch batch_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

}  // namespace tapegrad::apps
