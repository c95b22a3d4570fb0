// A trained model as a recommender.
#pragma once

#include <vector>

#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {

// Scores by running the model in evaluation mode. Each thread that asks takes a tape of its own, so
// one recommender serves many; the parameters must be settled and not change meanwhile.
class ModelRecommender : public Recommender {
 public:
  ModelRecommender(const InteractionModel& model, Index items);
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;

 private:
  const InteractionModel& model_;
  std::vector<std::int32_t> all_items_;
  mutable TapePool tapes_;
};

}  // namespace tapegrad::apps
