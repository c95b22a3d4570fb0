#include <tapegrad/optim/schedule.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {
namespace {

void check_rate(double rate) {
  if (!(rate >= 0.0 && std::isfinite(rate)))
    throw ValueError(fmt::format("a learning rate must not be negative, got {}", rate));
}

void check_factor(double factor) {
  if (!(factor >= 0.0 && std::isfinite(factor)))
    throw ValueError(
        fmt::format("a schedule's factor must be a number that is not negative, got {}", factor));
}

}  // namespace

Schedule constant_schedule(double rate) {
  check_rate(rate);
  return [rate](std::uint64_t) { return rate; };
}

Schedule step_schedule(double rate, std::uint64_t every, double factor) {
  check_rate(rate);
  check_factor(factor);
  if (every == 0)
    throw ValueError("step_schedule: the steps between two changes must be positive, got 0");
  return [=](std::uint64_t step) {
    return rate * std::pow(factor, static_cast<double>(step / every));
  };
}

Schedule exponential_schedule(double rate, double factor) {
  check_rate(rate);
  check_factor(factor);
  return [=](std::uint64_t step) { return rate * std::pow(factor, static_cast<double>(step)); };
}

Schedule cosine_schedule(double rate, std::uint64_t steps, double last) {
  check_rate(rate);
  check_rate(last);
  return [=](std::uint64_t step) {
    if (step >= steps) return last;
    return last + 0.5 * (rate - last) *
                      (1.0 + std::cos(std::numbers::pi * static_cast<double>(step) /
                                      static_cast<double>(steps)));
  };
}

Schedule warm_up(std::uint64_t steps, Schedule after) {
  if (!after) throw ValueError("warm_up: the schedule that comes after is an empty function");
  return [steps, after = std::move(after)](std::uint64_t step) {
    const double rate = after(step);
    return step < steps ? rate * static_cast<double>(step + 1) / static_cast<double>(steps) : rate;
  };
}

ReduceOnPlateau::ReduceOnPlateau(double rate, const PlateauOptions& options)
    : options_(options), rate_(rate) {
  check_rate(rate);
  if (!(options.factor > 0.0 && options.factor < 1.0) || options.patience < 0) {
    throw ValueError(fmt::format(
        "ReduceOnPlateau needs a factor within (0, 1) and a patience of 0 or more, got {} and {}",
        options.factor, options.patience));
  }
}

bool ReduceOnPlateau::better(double value) const {
  if (!any_) return !std::isnan(value);
  return options_.larger_is_better ? value > best_ * (1.0 + options_.threshold)
                                   : value < best_ * (1.0 - options_.threshold);
}

double ReduceOnPlateau::update(double value) {
  if (better(value)) {
    best_ = value;
    any_ = true;
    bad_ = 0;
  } else if (++bad_ > options_.patience) {
    rate_ = std::max(rate_ * options_.factor, options_.lowest_rate);
    bad_ = 0;
  }
  return rate_;
}

void ReduceOnPlateau::restore(const State& state) {
  rate_ = state.rate;
  best_ = state.best;
  bad_ = state.bad;
  any_ = state.any;
}

}  // namespace tapegrad::optim
