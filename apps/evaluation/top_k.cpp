#include <tapegrad/apps/evaluation/top_k.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

std::vector<Scored> best_scores(std::span<const float> scores, int k,
                                const std::function<bool(std::int32_t item)>& left_out) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  std::vector<Scored> best;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto item = static_cast<std::int32_t>(i);
    if (!std::isnan(scores[i]) && !left_out(item)) best.push_back({item, scores[i]});
  }
  const auto count =
      std::min(static_cast<std::ptrdiff_t>(k), static_cast<std::ptrdiff_t>(best.size()));
  std::partial_sort(best.begin(), best.begin() + count, best.end(),
                    [](const Scored& a, const Scored& b) {
                      return a.score != b.score ? a.score > b.score : a.item < b.item;
                    });
  best.resize(static_cast<std::size_t>(count));
  return best;
}

std::vector<Scored> top_k(const Recommender& recommender, std::int32_t user, const UserItems& had,
                          int k, bool include_had) {
  if (user < 0 || user >= had.user_count()) {
    throw OptionError(
        fmt::format("expected a user number below {}, got {}", had.user_count(), user));
  }
  std::vector<float> scores(static_cast<std::size_t>(had.item_count()));
  recommender.score(user, {}, scores);
  return best_scores(scores, k,
                     [&](std::int32_t item) { return !include_had && had.contains(user, item); });
}

}  // namespace tapegrad::apps
