#include <tapegrad/apps/evaluation/calibration.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tapegrad::apps {

std::vector<CalibrationBin> calibration_bins(std::span<const double> predicted,
                                             std::span<const double> observed, Index bins) {
  std::vector<std::size_t> order(predicted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return predicted[i]; });
  const std::size_t wanted = std::min(static_cast<std::size_t>(bins), order.size());
  std::vector<CalibrationBin> result(wanted);
  for (std::size_t place = 0; place < order.size(); ++place) {
    CalibrationBin& bin = result[place * wanted / order.size()];
    ++bin.count;
    bin.predicted += predicted[order[place]];
    bin.observed += observed[order[place]];
  }
  for (CalibrationBin& bin : result) {
    bin.predicted /= static_cast<double>(bin.count);
    bin.observed /= static_cast<double>(bin.count);
  }
  return result;
}

double least_loss_temperature(const std::function<double(double)>& derivative) {
  // The root is looked for by halving in log(1/t).
  double low = std::log(0.05), high = std::log(20.0);
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (derivative(std::exp(middle)) > 0.0 ? high : low) = middle;
  }
  return std::exp(-0.5 * (low + high));
}

double expected_calibration_error(std::span<const CalibrationBin> bins) {
  double sum = 0.0, count = 0.0;
  for (const CalibrationBin& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.predicted - bin.observed);
    count += static_cast<double>(bin.count);
  }
  return count > 0.0 ? sum / count : 0.0;
}

}  // namespace tapegrad::apps
