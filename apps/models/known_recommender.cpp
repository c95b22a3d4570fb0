#include <tapegrad/apps/models/known_recommender.h>

#include <limits>
#include <utility>

namespace tapegrad::apps {

bool is_known_user(const UserItems& training, Index user) {
  return user >= 0 && user < training.user_count() && !training.of(user).empty();
}

KnownRecommender::KnownRecommender(std::unique_ptr<const Recommender> learnt,
                                   const UserItems& training)
    : learnt_(std::move(learnt)), training_(training), popular_(training) {
  for (const Index count : training.item_user_counts()) known_items_.push_back(count > 0);
}

void KnownRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                             std::span<float> scores) const {
  (is_known_user(training_, user) ? *learnt_ : popular_).score(user, items, scores);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t item = items.empty() ? i : static_cast<std::size_t>(items[i]);
    if (!known_items_[item]) scores[i] = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace tapegrad::apps
