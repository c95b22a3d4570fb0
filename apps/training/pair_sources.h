// Batches of users and items for models of interactions.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/pair_options.h>
#include <tapegrad/apps/training/prefetch.h>

namespace tapegrad::apps {

// Seen pairs against sampled unseen ones, cross-entropy; a pair and its negatives count as the pair
// weighs. Source: He et al., WWW 2017, section 3.1.
class SampledPairSource : public BatchSource {
 public:
  SampledPairSource(const InteractionModel& model, const UserItems& pairs,
                    const PairSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override {
    return static_cast<Index>(order_.size()) * (1 + options_.negatives);
  }
  Index samples() const override { return static_cast<Index>(batch_.labels.size()); }
  Tensor loss(Tape& tape) override;

 private:
  struct Batch {
    std::vector<std::int32_t> users, items;
    std::vector<float> labels;
    std::vector<float> weights;  // none where all pairs weigh the same
  };
  std::optional<Batch> make();
  std::int32_t unseen_item(std::int32_t user);

  const InteractionModel& model_;
  const UserItems& pairs_;
  PairSourceOptions options_;
  std::vector<std::int32_t> pair_users_, pair_items_;
  std::vector<float> pair_weights_;
  std::vector<std::int32_t> order_;
  std::size_t taken_ = 0;  // of the order
  Random random_{0};
  Batch batch_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

// Users, with the mean over their pairs, as these weigh, of
// - loss softmax: -log softmax(logits of the user)[item], a multinomial likelihood of each user's
//   items. Source: Liang et al., "Variational autoencoders for collaborative filtering", WWW 2018,
//   equation 2.
// - loss sigmoid: the cross-entropies of all items of the user, each by itself.
class UserSource : public BatchSource {
 public:
  // Throws OptionError for a model that does not score all items at once.
  UserSource(const InteractionModel& model, const UserItems& pairs,
             const PairSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override;
  Index epoch_samples() const override { return static_cast<Index>(order_.size()); }
  Index samples() const override { return static_cast<Index>(batch_.size()); }
  Tensor loss(Tape& tape) override;

 private:
  const InteractionModel& model_;
  const UserItems& pairs_;
  PairSourceOptions options_;
  std::vector<std::int32_t> order_;
  std::size_t taken_ = 0;
  std::span<const std::int32_t> batch_;
  // [users, items]: the weights of their pairs, and these with 1 elsewhere.
  Array targets_, factors_;
};

std::unique_ptr<BatchSource> make_pair_source(const InteractionModel& model, const UserItems& pairs,
                                              const PairSourceOptions& options);

}  // namespace tapegrad::apps
