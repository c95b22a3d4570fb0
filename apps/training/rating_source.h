// Rated pairs of users and items.
#pragma once

#include <cstdint>
#include <vector>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/pair_options.h>

namespace tapegrad::apps {

// The mean squared error of the ratings that a model predicts as its logits. Events without a
// rating are left out. A batch has all ratings of some users, so that what a model makes of a
// user's history is computed once an epoch; users follow until it has `options.batch` ratings.
class RatingSource : public BatchSource {
 public:
  // Throws DataError for events without ratings, and OptionError for a model that predicts none.
  RatingSource(const InteractionModel& model, const Interactions& events,
               const PairSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override;
  Index epoch_samples() const override { return ratings_in_all_; }
  Index samples() const override { return static_cast<Index>(ratings_.size()); }
  Tensor loss(Tape& tape) override;

 private:
  const InteractionModel& model_;
  const Interactions& events_;
  PairSourceOptions options_;
  std::vector<std::vector<std::int32_t>> rows_;  // of the events, by user
  Index ratings_in_all_ = 0;
  std::vector<std::int32_t> order_;          // users with ratings
  std::size_t taken_ = 0;                    // of the order
  std::vector<std::int32_t> users_, items_;  // of the batch
  std::vector<float> ratings_;
};

}  // namespace tapegrad::apps
