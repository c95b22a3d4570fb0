#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_row.h>
#include <vector>

namespace tapegrad::apps {

// Scores an item, for whatever user, by the number of distinct users that have it in the training,
// or by the sum of the weights of these pairs.
class PopularityRecommender : public Recommender {
 public:
  explicit PopularityRecommender(const UserItems& training);
  explicit PopularityRecommender(std::vector<float> counts) : counts_(std::move(counts)) {}

  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;

  const std::vector<float>& counts() const { return counts_; }

 private:
  std::vector<float> counts_;
};

// Model `popularity`; with a window, of the pairs of the last days only.
ModelRow popularity_row();

}  // namespace tapegrad::apps
