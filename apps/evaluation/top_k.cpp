#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <algorithm>
#include <cmath>

namespace tapegrad::apps {

std::vector<Scored> top_k(const Recommender& recommender, std::int32_t user, const UserItems& training, int k,
                          bool include_seen) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  if (user < 0 || user >= training.user_count()) {
    throw OptionError(fmt::format("expected a user number below {}, got {}", training.user_count(), user));
  }
  std::vector<float> scores(static_cast<std::size_t>(training.item_count()));
  recommender.score(user, {}, scores);
  std::vector<Scored> result;
  for (std::int32_t item = 0; item < training.item_count(); ++item) {
    const float score = scores[static_cast<std::size_t>(item)];
    if (std::isnan(score) || (!include_seen && training.contains(user, item))) continue;
    result.push_back({item, score});
  }
  const auto count = std::min(static_cast<std::ptrdiff_t>(k), static_cast<std::ptrdiff_t>(result.size()));
  std::partial_sort(result.begin(), result.begin() + count, result.end(),
                    [](const Scored& a, const Scored& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; });
  result.resize(static_cast<std::size_t>(count));
  return result;
}

}  // namespace tapegrad::apps
