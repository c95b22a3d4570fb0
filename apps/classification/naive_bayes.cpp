#include <tapegrad/apps/classification/naive_bayes.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {

NaiveBayes::NaiveBayes(const SparseExamples& examples, std::span<const Index> classes,
                       Index class_count, double smoothing)
    : classes_(class_count),
      width_(examples.width),
      priors_(static_cast<std::size_t>(class_count), 0.0),
      likelihoods_(static_cast<std::size_t>(class_count * examples.width), smoothing) {
  std::vector<double> sums(static_cast<std::size_t>(class_count),
                           smoothing * static_cast<double>(width_));
  for (Index i = 0; i < examples.count(); ++i) {
    const Index own = classes[static_cast<std::size_t>(i)];
    priors_[static_cast<std::size_t>(own)] += 1.0;
    for (const FeatureEntry& entry : examples.row(i)) {
      const auto value = static_cast<double>(entry.value);
      likelihoods_[static_cast<std::size_t>(own * width_ + entry.place)] += value;
      sums[static_cast<std::size_t>(own)] += value;
    }
  }
  for (Index c = 0; c < classes_; ++c) {
    const auto place = static_cast<std::size_t>(c);
    priors_[place] = std::log(priors_[place] / static_cast<double>(examples.count()));
    for (Index i = 0; i < width_; ++i) {
      double& own = likelihoods_[static_cast<std::size_t>(c * width_ + i)];
      own = std::log(own / sums[place]);
    }
  }
}

std::vector<double> NaiveBayes::probabilities(std::span<const FeatureEntry> row) const {
  std::vector<double> logs = priors_;
  for (Index c = 0; c < classes_; ++c) {
    for (const FeatureEntry& entry : row)
      logs[static_cast<std::size_t>(c)] +=
          static_cast<double>(entry.value) *
          likelihoods_[static_cast<std::size_t>(c * width_ + entry.place)];
  }
  const double top = std::ranges::max(logs);
  double sum = 0.0;
  for (double& one : logs) sum += one = std::exp(one - top);
  for (double& one : logs) one /= sum;
  return logs;
}

}  // namespace tapegrad::apps
