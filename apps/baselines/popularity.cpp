#include <tapegrad/apps/baselines/popularity.h>
#include <algorithm>

namespace tapegrad::apps {

PopularityRecommender::PopularityRecommender(const UserItems& training) {
  for (const Index count : training.item_user_counts())
    counts_.push_back(static_cast<float>(count));
}

void PopularityRecommender::score(std::int32_t, std::span<const std::int32_t> items,
                                  std::span<float> scores) const {
  if (items.empty()) {
    std::copy(counts_.begin(), counts_.end(), scores.begin());
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    scores[i] = counts_[static_cast<std::size_t>(items[i])];
}

}  // namespace tapegrad::apps
