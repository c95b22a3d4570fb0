#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <vector>

namespace tapegrad::apps {

// Scores an item, for whatever user, by the number of distinct users that have it in the training.
class PopularityRecommender : public Recommender {
 public:
  explicit PopularityRecommender(const UserItems& training);

  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;

 private:
  std::vector<float> counts_;
};

}  // namespace tapegrad::apps
