#include <tapegrad/apps/models/known_recommender.h>

#include <limits>
#include <utility>

namespace tapegrad::apps {

bool is_known_user(const UserItems& training, Index user) {
  return user >= 0 && user < training.user_count() && !training.of(user).empty();
}

KnownRecommender::KnownRecommender(std::unique_ptr<const Recommender> learnt,
                                   std::shared_ptr<const UserItems> training,
                                   std::shared_ptr<const EntityFeatures> user_features,
                                   const EntityFeatures* item_features)
    : learnt_(std::move(learnt)),
      training_(std::move(training)),
      user_features_(std::move(user_features)),
      popular_(*training_) {
  for (const Index count : training_->item_user_counts()) {
    const auto item = static_cast<std::int32_t>(is_known_.size());
    is_known_.push_back(count > 0 || (item_features != nullptr && item_features->has_row(item)));
    if (!is_known_.back()) unknown_items_.push_back(item);
  }
}

bool KnownRecommender::knows(std::int32_t user) const {
  return is_known_user(*training_, user) ||
         (user_features_ && user >= 0 && user < user_features_->count() &&
          user_features_->has_row(user));
}

void KnownRecommender::hide_unknown_items(std::span<const std::int32_t> items,
                                          std::span<float> scores) const {
  constexpr float hidden = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!is_known_[static_cast<std::size_t>(items[i])]) scores[i] = hidden;
  }
  if (!items.empty()) return;
  for (std::size_t user = 0; user < scores.size(); user += is_known_.size()) {
    for (const std::int32_t item : unknown_items_)
      scores[user + static_cast<std::size_t>(item)] = hidden;
  }
}

void KnownRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                             std::span<float> scores) const {
  (knows(user) ? *learnt_ : popular_).score(user, items, scores);
  hide_unknown_items(items, scores);
}

void KnownRecommender::score_users(std::span<const std::int32_t> users,
                                   std::span<float> scores) const {
  const std::size_t items = is_known_.size();
  learnt_->score_users(users, scores);
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (!knows(users[i])) popular_.score(users[i], {}, scores.subspan(i * items, items));
  }
  hide_unknown_items({}, scores);
}

bool KnownRecommender::score_person(const Person& person, std::span<float> scores) const {
  if (!learnt_->score_person(person, scores)) return false;
  hide_unknown_items({}, scores);
  return true;
}

bool KnownRecommender::score_similar(std::int32_t item, std::span<float> scores) const {
  if (!is_known_[static_cast<std::size_t>(item)] || !learnt_->score_similar(item, scores))
    return false;
  hide_unknown_items({}, scores);
  return true;
}

}  // namespace tapegrad::apps
