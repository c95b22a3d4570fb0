// Items that are like those of a user.
#pragma once

#include <memory>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

// The score of an item is the cosine of its features and the user's profile: the sum of the
// features of the user's items, each scaled to a norm of 1, as the pairs weigh. Texts have TF-IDF
// (features.h); categories, too: a place counts log(items / items that have it).
class ContentRecommender : public Recommender {
 public:
  ContentRecommender(std::shared_ptr<const UserItems> pairs,
                     std::shared_ptr<const EntityFeatures> items);
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;

 private:
  std::shared_ptr<const UserItems> pairs_;
  std::shared_ptr<const EntityFeatures> items_;
  std::vector<float> values_;  // [items, length]: weighed and scaled
};

// Model `content`, which needs features of items.
ModelRow content_row();

// Model `category-popularity`: the mean popularity of the trained items with the features of an
// item; for new items, whom nobody has yet.
ModelRow category_popularity_row();

}  // namespace tapegrad::apps
