// Dropout: its numbers are a function of the seed, the step and the place.
#include "../graph/graph_test_tools.h"

#include <cmath>
#include <limits>

#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::holds;
using graph_test::thrown;

// What dropout makes of ones at a step.
tg::Array dropped(tg::Tape& tape, std::uint64_t step, double rate,
                  const tg::Shape& shape = {100, 40}) {
  tape.clear();
  tape.set_step(step);
  return nn::Dropout{rate}(tape.full(shape, 1.0)).copy();
}

}  // namespace

TEST_CASE(
    "in training an element is zero with the rate's probability and scaled otherwise, so that the "
    "mean stays") {
  for (const double rate : {0.1, 0.5, 0.9}) {
    tg::Tape tape;
    constexpr int steps = 25;
    double sum = 0.0;
    double zeros = 0.0;
    for (std::uint64_t step = 0; step < steps; ++step) {
      for (const double value : graph_test::numbers_of(dropped(tape, step, rate))) {
        REQUIRE((value == 0.0 || value == doctest::Approx(1.0 / (1.0 - rate))));
        sum += value;
        zeros += value == 0.0 ? 1.0 : 0.0;
      }
    }
    constexpr double count = steps * 4000.0;
    const double deviation = std::sqrt(rate * (1.0 - rate) / count);  // of the share of zeros
    CHECK(std::abs(zeros / count - rate) < 5.0 * deviation);
    CHECK(std::abs(sum / count - 1.0) < 5.0 * deviation / (1.0 - rate));
  }
}

TEST_CASE("in evaluation, and at a rate of zero, dropout is the identity") {
  tg::Tape training;
  tg::Tape evaluation({.training = false});
  const tg::Array ones = tg::Array::full({100, 40}, 1.0);
  CHECK(dropped(evaluation, 0, 0.5) == ones);
  CHECK(dropped(training, 0, 0.0) == ones);
  CHECK(!(dropped(training, 0, 0.5) == ones));
  {
    const tg::EvaluationMode mode(training);
    CHECK(dropped(training, 0, 0.5) == ones);
  }
  CHECK(!(dropped(training, 0, 0.5) == ones));
}

TEST_CASE("the same seed and step draw the same numbers, another seed, step or place other ones") {
  tg::Tape tape({.seed = 5});
  tg::Tape same({.threads = 1, .seed = 5, .batching = false, .plan_cache = false});
  tg::Tape other({.seed = 6});
  const tg::Array first = dropped(tape, 7, 0.5);
  CHECK(dropped(tape, 7, 0.5) == first);
  CHECK(dropped(same, 7, 0.5) == first);
  CHECK(!(dropped(tape, 8, 0.5) == first));
  CHECK(!(dropped(tape, 7 + (std::uint64_t{1} << 32), 0.5) == first));
  CHECK(!(dropped(other, 7, 0.5) == first));
  tape.clear();
  tape.set_step(7);
  const tg::Tensor ones = tape.full({100, 40}, 1.0);
  const nn::Dropout dropout{0.5};
  const tg::Array one = dropout(ones).copy();
  const tg::Array two = dropout(ones).copy();
  CHECK(one == first);
  CHECK(!(one == two));
}

TEST_CASE("two masks are independent, over steps and over places") {
  tg::Tape tape;
  const auto mask = [&](std::uint64_t step) {
    return graph_test::numbers_of(dropped(tape, step, 0.5, {20000}));
  };
  const auto agreement = [](const std::vector<double>& a, const std::vector<double>& b,
                            std::size_t shift) {
    double equal = 0.0;
    for (std::size_t i = 0; i + shift < a.size(); ++i) equal += a[i] == b[i + shift] ? 1.0 : 0.0;
    return equal / static_cast<double>(a.size() - shift);
  };
  const double bound = 5.0 * 0.5 / std::sqrt(20000.0);
  for (std::uint64_t step = 0; step < 5; ++step) {
    CHECK(std::abs(agreement(mask(step), mask(step + 1), 0) - 0.5) < bound);
    for (const std::size_t shift : {1U, 2U, 3U, 4U, 40U})
      CHECK(std::abs(agreement(mask(step), mask(step), shift) - 0.5) < bound);
  }
}

TEST_CASE("the gradient of dropout passes where the number passed") {
  tg::Parameters parameters(1);
  const tg::Parameter& x = parameters.add("x", {50}, graph_test::uniform(1.0, 2.0));
  tg::Tape tape;
  const tg::Tensor y = nn::Dropout{0.4}(tape(x));
  tape.keep(y);
  const tg::Gradients gradients = tg::backward(tg::sum(y));
  const auto values = graph_test::numbers_of(y);
  const auto slopes = graph_test::numbers_of(gradients.at("x"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == doctest::Approx(slopes[i] * x.value().at(static_cast<tg::Index>(i))));
    CHECK((values[i] == 0.0) == (slopes[i] == 0.0));
  }
}

TEST_CASE("a perceptron drops after every activation but the last") {
  tg::Parameters parameters;
  const nn::MlpOptions options{.dropout = 0.5,
                               .linear = {.weight = nn::constant(1.0), .bias_values = nn::zeros()}};
  const nn::Mlp deep(parameters.root() / "deep", {1, 64, 1}, options);
  const nn::Mlp flat(parameters.root() / "flat", {1, 8}, options);
  tg::Tape tape;
  for (const double value : graph_test::numbers_of(flat(tape.full({3, 1}, 1.0))))
    CHECK(value == 1.0);
  std::vector<double> sums = graph_test::numbers_of(deep(tape.full({200, 1}, 1.0)));
  double mean = 0.0;
  for (const double sum : sums) mean += sum / 200.0;
  CHECK(std::abs(mean - 64.0) < 5.0 * 8.0 / std::sqrt(200.0));
  CHECK(sums != std::vector<double>(200, 64.0));
}

TEST_CASE("rates outside of zero to one are told") {
  tg::Tape tape;
  for (const double bad : {-0.1, 1.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(holds(thrown([&] { nn::Dropout{bad}(tape.full({3}, 1.0)).copy(); }),
                "the rate must be within [0, 1)"));
  }
}
