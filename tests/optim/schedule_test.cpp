// Learning rates over time: PyTorch's numbers, closed forms, errors.
#include "../golden/golden.h"

#include <limits>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/schedule.h>

namespace {

using namespace tapegrad::optim;

void check_rates(const golden::Golden& file, const std::string& name, const Schedule& schedule) {
  CAPTURE(name);
  const auto rates = file["schedule." + name].values<float>();
  for (std::size_t step = 0; step < rates.size(); ++step)
    CHECK(schedule(step) == doctest::Approx(static_cast<double>(rates[step])).epsilon(1e-6));
}

}  // namespace

TEST_CASE("schedules give PyTorch's rates") {
  const golden::Golden file("optimizers");
  check_rates(file, "step", step_schedule(0.2, 3, 0.5));
  check_rates(file, "exponential", exponential_schedule(0.2, 0.9));
  check_rates(file, "cosine", cosine_schedule(0.2, 12, 0.01));
  ReduceOnPlateau plateau(0.2,
                          {.factor = 0.5, .patience = 1, .threshold = 0.01, .lowest_rate = 0.03});
  const auto values = file["plateau.values"].values<float>();
  const auto rates = file["plateau.rates"].values<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(plateau.update(static_cast<double>(values[i])) ==
          doctest::Approx(static_cast<double>(rates[i])).epsilon(1e-6));
}

TEST_CASE("warm-up rises to the schedule that it leads to, which has counted from the start") {
  const Schedule schedule = warm_up(4, exponential_schedule(1.0, 0.5));
  CHECK(schedule(0) == 0.25);
  CHECK(schedule(1) == 0.25);
  CHECK(schedule(3) == 0.125);
  CHECK(schedule(4) == 0.0625);
  CHECK(warm_up(0, constant_schedule(0.3))(0) == 0.3);
  CHECK(cosine_schedule(1.0, 10)(5) == doctest::Approx(0.5));
  CHECK(cosine_schedule(1.0, 10, 0.25)(99) == 0.25);
}

TEST_CASE("a plateau's state goes on where it was, larger may be better, and NaN is no gain") {
  const PlateauOptions options{.factor = 0.5, .patience = 2, .larger_is_better = true};
  ReduceOnPlateau whole(1.0, options), first(1.0, options), second(1.0, options);
  const double values[] = {0.1, 0.2, std::numeric_limits<double>::quiet_NaN(), 0.2, 0.19, 0.3, 0.3,
                           0.3, 0.3};
  for (std::size_t i = 0; i < 9; ++i) {
    whole.update(values[i]);
    (i < 4 ? first : second).update(values[i]);
    if (i == 3) second.restore(first.state());
  }
  CHECK(second.rate() == whole.rate());
  CHECK(whole.rate() == 0.25);
}

TEST_CASE("schedules refuse what makes no sense") {
  CHECK_THROWS_WITH_AS(constant_schedule(-1.0), "a learning rate must not be negative, got -1",
                       tapegrad::ValueError);
  CHECK_THROWS_AS(step_schedule(0.1, 0), tapegrad::ValueError);
  CHECK_THROWS_WITH_AS(
      ReduceOnPlateau(0.1, {.factor = 1.0}),
      "ReduceOnPlateau needs a factor within (0, 1) and a patience of 0 or more, got 1 and 10",
      tapegrad::ValueError);
}
