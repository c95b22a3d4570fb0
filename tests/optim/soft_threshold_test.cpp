// Soft thresholding against its closed form.
#include "optim_test_tools.h"

#include <cmath>
#include <limits>

namespace {

using namespace optim_test;

}  // namespace

TEST_CASE("soft thresholding brings every number nearer to 0, and frozen parameters stay") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    tg::Parameters parameters(0, dtype);
    const auto numbers = [](tg::Array& array, tg::Random&) {
      const double values[] = {1.0, -1.0, 0.25, -0.125, 0.0};
      for (tg::Index i = 0; i < array.size(); ++i) array.set(i, values[i]);
    };
    const tg::Parameter& moved = parameters.add("moved", {5}, numbers);
    tg::Parameter& frozen = parameters.add("frozen", {5}, numbers);
    frozen.freeze();
    const std::uint64_t version = moved.version();
    soft_threshold(parameters, 0.25);
    const double expected[] = {0.75, -0.75, 0.0, 0.0, 0.0};
    for (tg::Index i = 0; i < 5; ++i) CHECK(moved.value().at(i) == expected[i]);
    CHECK(moved.version() > version);
    CHECK(frozen.value().at(0) == 1.0);
  }
  tg::Parameters none;
  for (const double amount : {-1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    CHECK(holds(thrown([&] { soft_threshold(none, amount); }),
                "ValueError: soft_threshold: the amount must be a number that is not negative"));
}

// With gradient w - b, so of ½(w - b)², the least of ½(w - b)² + λ|w| is b thresholded by λ.
TEST_CASE("steps with soft thresholding reach the minimum of a loss with an L1 penalty") {
  constexpr double lambda = 0.3, rate = 0.1;
  const std::vector<double> b = {2.0, -0.5, 0.2, -0.29, 0.0, -3.0};
  tg::Parameters parameters(1, tg::Dtype::float64);
  const tg::Parameter& w = parameters.add("w", {6}, uniform());
  Sgd sgd({.learning_rate = rate});
  for (int step = 0; step < 500; ++step) {
    HandMade gradient{.parameter = &w};
    for (tg::Index i = 0; i < 6; ++i)
      gradient.values.push_back(w.value().at(i) - b[static_cast<std::size_t>(i)]);
    sgd.update(parameters, gradients_of({gradient}, tg::Dtype::float64));
    soft_threshold(parameters, rate * lambda);
  }
  const double expected[] = {1.7, -0.2, 0.0, 0.0, 0.0, -2.7};
  for (tg::Index i = 0; i < 6; ++i)
    CHECK(w.value().at(i) == doctest::Approx(expected[i]).epsilon(1e-12));
  CHECK(w.value().at(2) == 0.0);
}
