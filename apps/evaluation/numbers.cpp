#include <tapegrad/apps/evaluation/numbers.h>

#include <cmath>

namespace tapegrad::apps {

NumberMeasures number_measures(const NumberPredictions& predictions) {
  NumberMeasures measures;
  const std::size_t examples = predictions.truth.size();
  if (examples == 0) return measures;
  const auto count = static_cast<double>(examples);
  double mean = 0.0, squares = 0.0, spread = 0.0;
  for (const double truth : predictions.truth) mean += truth / count;
  for (std::size_t i = 0; i < examples; ++i) {
    const double error = predictions.predicted[i] - predictions.truth[i];
    squares += error * error;
    spread += (predictions.truth[i] - mean) * (predictions.truth[i] - mean);
    measures.mae += std::abs(error) / count;
  }
  measures.rmse = std::sqrt(squares / count);
  measures.r2 = spread > 0.0 ? 1.0 - squares / spread : squares > 0.0 ? 0.0 : 1.0;
  return measures;
}

double huber_loss(const NumberPredictions& predictions, double delta) {
  double sum = 0.0;
  for (std::size_t i = 0; i < predictions.truth.size(); ++i) {
    const double error = std::abs(predictions.predicted[i] - predictions.truth[i]);
    sum += error <= delta ? 0.5 * error * error : delta * (error - 0.5 * delta);
  }
  return sum / static_cast<double>(predictions.truth.size());
}

Estimate compare_squared_error(const NumberPredictions& one, const NumberPredictions& other,
                               std::uint64_t seed) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < one.truth.size(); ++i)
    differences.push_back(std::pow(one.predicted[i] - one.truth[i], 2) -
                          std::pow(other.predicted[i] - other.truth[i], 2));
  return estimate_of(differences, seed);
}

}  // namespace tapegrad::apps
