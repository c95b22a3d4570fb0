// Calibration against a few lines, and on predictions whose truth is known.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include <tapegrad/apps/evaluation/calibration.h>

using namespace tapegrad::apps;

TEST_CASE("the calibration error is that of a few lines, over bins of equal counts") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (const std::size_t count : {1U, 3U, 10U, 97U, 1000U}) {
    std::vector<double> predicted, observed;
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      predicted.push_back(uniform(random));
      observed.push_back(uniform(random) < 0.3 ? 1.0 : 0.0);
      pairs.emplace_back(predicted.back(), observed.back());
    }
    std::sort(pairs.begin(), pairs.end());
    const std::size_t bins = std::min<std::size_t>(10, count);
    double expected = 0.0;
    std::size_t smallest = count, largest = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      double difference = 0.0;
      std::size_t in_bin = 0;
      for (std::size_t i = 0; i < count; ++i) {
        if (i * bins / count != bin) continue;
        difference += pairs[i].first - pairs[i].second;
        ++in_bin;
      }
      expected += std::abs(difference) / static_cast<double>(count);
      smallest = std::min(smallest, in_bin);
      largest = std::max(largest, in_bin);
    }
    CHECK(largest - smallest <= 1);
    const auto found = calibration_bins(predicted, observed);
    CHECK(found.size() == bins);
    CHECK(expected_calibration_error(found) == doctest::Approx(expected).epsilon(1e-9));
  }
  CHECK(calibration_bins({}, {}).empty());
  CHECK(expected_calibration_error({}) == 0.0);
}

TEST_CASE("true probabilities are calibrated, and those that are too sure are not") {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<double> truth, sure, observed;
  for (int i = 0; i < 200000; ++i) {
    truth.push_back(uniform(random));
    sure.push_back(std::clamp(0.5 + 2.0 * (truth.back() - 0.5), 0.0, 1.0));
    observed.push_back(uniform(random) < truth.back() ? 1.0 : 0.0);
  }
  CHECK(expected_calibration_error(calibration_bins(truth, observed)) < 0.005);
  // The mean of |clamp(2p - 1/2) - p| over p: 1/4 of twice the area of two triangles, 1/8.
  CHECK(expected_calibration_error(calibration_bins(sure, observed)) ==
        doctest::Approx(0.125).epsilon(0.05));
}
