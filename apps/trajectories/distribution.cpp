#include <tapegrad/apps/trajectories/distribution.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

Distribution distribution_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto count = static_cast<double>(values.size());
  const auto at = [&](double quantile) {
    return values[static_cast<std::size_t>(quantile * (count - 1.0))];
  };
  return {.count = static_cast<Index>(values.size()),
          .mean = std::accumulate(values.begin(), values.end(), 0.0) / count,
          .smallest = values.front(),
          .lower = at(0.25),
          .median = at(0.5),
          .upper = at(0.75),
          .largest = values.back()};
}

}  // namespace tapegrad::apps
