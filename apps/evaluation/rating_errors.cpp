#include <tapegrad/apps/evaluation/rating_errors.h>

#include <algorithm>
#include <cmath>
#include <span>

#include <tapegrad/apps/data/parallel.h>

namespace tapegrad::apps {

RatingErrors rating_errors(const Recommender& ratings, const TestedEvents& tested, int threads) {
  std::vector<float> predicted(tested.ratings.size());
  parallel_ranges(static_cast<Index>(predicted.size()), 256, threads, [&](Index begin, Index end) {
    for (Index i = begin; i != end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      ratings.score(tested.users[at], std::span(tested.items).subspan(at, 1),
                    std::span(predicted).subspan(at, 1));
    }
  });
  RatingErrors errors;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    if (!std::isfinite(tested.ratings[i])) continue;
    const double error = static_cast<double>(predicted[i]) - static_cast<double>(tested.ratings[i]);
    errors.rmse += error * error;
    errors.mae += std::abs(error);
    ++errors.ratings;
  }
  const auto count = static_cast<double>(std::max<Index>(1, errors.ratings));
  errors.rmse = std::sqrt(errors.rmse / count);
  errors.mae /= count;
  return errors;
}

}  // namespace tapegrad::apps
