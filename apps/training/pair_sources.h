// Batches of users and items for models of interactions.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/prefetch.h>

namespace tapegrad::apps {

enum class PairLoss { pointwise, softmax };

struct PairSourceOptions {
  PairLoss loss = PairLoss::pointwise;
  Index batch = 1280;   // pairs, negatives included; softmax: users, 0 for a number that fits
  Index negatives = 4;  // sampled for each pair; pointwise only
  std::uint64_t seed = 1;
};

// Seen pairs against sampled unseen ones, cross-entropy. Source: He et al., WWW 2017, section 3.1.
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
  };
  std::optional<Batch> make();
  std::int32_t unseen_item(std::int32_t user);

  const InteractionModel& model_;
  const UserItems& pairs_;
  PairSourceOptions options_;
  std::vector<std::int32_t> pair_users_, pair_items_;
  std::vector<std::int32_t> order_;
  std::size_t taken_ = 0;  // of the order
  Random random_{0};
  Batch batch_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

// Users, with the mean over their pairs of -log softmax(logits of the user)[item]: a multinomial
// likelihood of each user's items. Source: Liang et al., "Variational autoencoders for
// collaborative filtering", WWW 2018, equation 2.
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
  Array targets_;
};

std::unique_ptr<BatchSource> make_pair_source(const InteractionModel& model, const UserItems& pairs,
                                              const PairSourceOptions& options);

}  // namespace tapegrad::apps
