#include <tapegrad/apps/classification/naive_bayes.h>

#include <cmath>
#include <vector>

namespace tapegrad::apps {

LinearScores fit_naive_bayes(const SparseExamples& examples, std::span<const Index> classes,
                             Index class_count, double smoothing) {
  const Index width = examples.width, columns = width + 1;
  LinearScores scores{
      .classes = class_count,
      .width = width,
      .weights = std::vector<double>(static_cast<std::size_t>(class_count * columns), smoothing)};
  std::vector<double> own_examples(static_cast<std::size_t>(class_count), 0.0),
      sums(static_cast<std::size_t>(class_count), smoothing * static_cast<double>(width));
  for (Index i = 0; i < examples.count(); ++i) {
    const Index own = classes[static_cast<std::size_t>(i)];
    own_examples[static_cast<std::size_t>(own)] += 1.0;
    for (const FeatureEntry& entry : examples.row(i)) {
      const auto value = static_cast<double>(entry.value);
      scores.weights[static_cast<std::size_t>(own * columns + entry.place)] += value;
      sums[static_cast<std::size_t>(own)] += value;
    }
  }
  for (Index c = 0; c < class_count; ++c) {
    const auto of = static_cast<std::size_t>(c);
    for (Index i = 0; i < width; ++i) {
      double& one = scores.weights[static_cast<std::size_t>(c * columns + i)];
      one = std::log(one / sums[of]);
    }
    scores.weights[static_cast<std::size_t>(c * columns + width)] =
        std::log(own_examples[of] / static_cast<double>(examples.count()));
  }
  return scores;
}

}  // namespace tapegrad::apps
