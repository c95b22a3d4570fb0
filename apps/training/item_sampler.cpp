#include <tapegrad/apps/training/item_sampler.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {

std::vector<Index> counts_of(std::span<const std::int32_t> numbers, Index size) {
  std::vector<Index> counts(static_cast<std::size_t>(size), 0);
  for (const std::int32_t number : numbers) ++counts[static_cast<std::size_t>(number)];
  return counts;
}

ItemSampler::ItemSampler(std::span<const Index> counts, double exponent) {
  double sum = 0.0;
  for (const Index count : counts) {
    const double frequency = count > 0 ? std::pow(static_cast<double>(count), exponent) : 0.0;
    cumulative_.push_back(sum += frequency);
    log_q_.push_back(frequency);
  }
  for (double& q : log_q_) q = q > 0.0 ? std::log(q / sum) : 0.0;
}

Index ItemSampler::draw(Random& random) const {
  const double at = random.uniform(0.0, cumulative_.back());
  const auto item = std::ranges::upper_bound(cumulative_, at) - cumulative_.begin();
  return std::min<Index>(item, static_cast<Index>(cumulative_.size()) - 1);
}

}  // namespace tapegrad::apps
