#include <tapegrad/apps/recommending/similarity.h>

#include <cmath>

namespace tapegrad::apps {

double ItemSimilarity::operator()(std::int32_t a, std::int32_t b) const {
  const auto first = users_of_.of(a), second = users_of_.of(b);
  if (first.empty() || second.empty()) return 0.0;
  std::size_t i = 0, j = 0;
  Index both = 0;
  while (i < first.size() && j < second.size()) {
    both += first[i] == second[j] ? 1 : 0;
    const bool advances_first = first[i] <= second[j], advances_second = second[j] <= first[i];
    i += advances_first ? 1 : 0;
    j += advances_second ? 1 : 0;
  }
  return static_cast<double>(both) /
         std::sqrt(static_cast<double>(first.size()) * static_cast<double>(second.size()));
}

}  // namespace tapegrad::apps
