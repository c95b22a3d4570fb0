// The moving average of parameters.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/optim/optim.h>

namespace {

namespace tg = tapegrad;

}  // namespace

TEST_CASE("the average follows its formula, with a short memory at first") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    tg::Parameters parameters(0, dtype);
    tg::Parameter& w = parameters.add("w", {2}, tg::nn::constant(1.0));
    tg::optim::ExponentialMovingAverage average(parameters, {.decay = 0.5});
    double expected = 1.0;
    for (int t = 1; t <= 20; ++t) {
      w.assign(tg::Array::full({2}, static_cast<double>(t)));
      average.update(parameters);
      const double decay = std::min(0.5, (1.0 + t) / (10.0 + t));
      expected = decay * expected + (1.0 - decay) * t;
      CHECK(average.averages()[0].at(1) == doctest::Approx(expected).epsilon(1e-6));
    }
    CHECK(average.steps() == 20);
  }
}

TEST_CASE("exchanging twice gives everything back, and training goes on with the same bits") {
  const auto train = [](bool exchanges) {
    tg::Parameters parameters(3);
    tg::Parameter& table = parameters.add("table", {5, 2}, tg::nn::normal());
    tg::optim::Adam adam({.learning_rate = 0.1});
    tg::optim::ExponentialMovingAverage average(parameters, {.decay = 0.9});
    tg::Tape tape;
    for (tg::Index step = 0; step < 12; ++step) {
      tape.clear();
      const tg::Index ids[] = {step % 5, 1};
      adam.update(parameters,
                  tg::backward(tg::sum(tg::square(tg::gather_rows(tape(table), tape.ids(ids))))));
      average.update(parameters);
      if (!exchanges) continue;
      const tg::Array before = table.value();
      average.exchange(parameters);
      CHECK(table.value().at(0) != before.at(0));
      average.exchange(parameters);
    }
    return table.value();
  };
  const tg::Array plain = train(false), exchanged = train(true);
  for (tg::Index i = 0; i < plain.size(); ++i) CHECK(plain.at(i) == exchanged.at(i));
}

TEST_CASE("a look at every fourth step counts four times") {
  tg::Parameters parameters;
  tg::Parameter& w = parameters.add("w", {1}, tg::nn::zeros());
  tg::optim::ExponentialMovingAverage average(parameters, {.decay = 0.1, .every = 4});
  w.assign(tg::Array::full({1}, 1.0));
  for (int i = 0; i < 3; ++i) average.update(parameters);
  CHECK(average.averages()[0].at(0) == 0.0);
  average.update(parameters);
  CHECK(average.averages()[0].at(0) == doctest::Approx(1.0 - 0.0001));
}

TEST_CASE("averages refuse decays and steps that make no sense") {
  const tg::Parameters parameters;
  for (const tg::optim::AverageOptions& options : {tg::optim::AverageOptions{.decay = 1.0},
                                                   {.decay = -0.1},
                                                   {.decay = std::nan("")},
                                                   {.every = 0}})
    CHECK_THROWS_AS(tg::optim::ExponentialMovingAverage(parameters, options), tg::ValueError);
  CHECK_THROWS_AS(tg::optim::Adam({.learning_rate = -1.0}), tg::ValueError);
  CHECK_THROWS_AS(tg::optim::Sgd({.learning_rate = std::nan("")}), tg::ValueError);
}
