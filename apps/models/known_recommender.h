// What is known: a user and an item that have a training event, or features that the model looks
// at.
#pragma once

#include <memory>

#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

// Whether the user has a training event; else nothing was learnt of them.
bool is_known_user(const UserItems& training, Index user);

// A recommender that never ranks by weights that were not trained. To a user who is not known it
// gives the popularity of the items. An item that is not known has the score NaN, which ranks
// behind all others and is not recommended.
class KnownRecommender : public Recommender {
 public:
  // Features say what else is known, where the model looks at them.
  KnownRecommender(std::unique_ptr<const Recommender> learnt,
                   std::shared_ptr<const UserItems> training,
                   std::shared_ptr<const EntityFeatures> user_features = nullptr,
                   const EntityFeatures* item_features = nullptr);

  // Whether the user is scored by what was learnt.
  bool knows(std::int32_t user) const;
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  void score_users(std::span<const std::int32_t> users, std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;
  bool score_similar(std::int32_t item, std::span<float> scores) const override;

 private:
  void hide_unknown_items(std::span<const std::int32_t> items, std::span<float> scores) const;

  std::unique_ptr<const Recommender> learnt_;
  std::shared_ptr<const UserItems> training_;
  std::shared_ptr<const EntityFeatures> user_features_;
  PopularityRecommender popular_;
  std::vector<bool> is_known_;               // by item
  std::vector<std::int32_t> unknown_items_;  // ascending
};

}  // namespace tapegrad::apps
