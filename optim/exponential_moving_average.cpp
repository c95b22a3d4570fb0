#include <tapegrad/optim/exponential_moving_average.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {
namespace {

template <class T>
void average(Array& to, const Array& from, double decay) {
  const auto keep = static_cast<T>(decay);
  const auto take = static_cast<T>(1.0 - decay);
  T* __restrict a = to.values<T>().data();
  const T* __restrict w = from.values<T>().data();
  const Index count = to.shape().size();
  for (Index i = 0; i < count; ++i) a[i] = keep * a[i] + take * w[i];
}

}  // namespace

ExponentialMovingAverage::ExponentialMovingAverage(const Parameters& parameters, const AverageOptions& options)
    : options_(options), averages_(parameters.snapshot()) {
  if (!(options.decay >= 0.0 && options.decay < 1.0) || options.every < 1) {
    throw ValueError(fmt::format("a moving average needs a decay within [0, 1) and steps of 1 or more, got {} and {}",
                                 options.decay, options.every));
  }
}

void ExponentialMovingAverage::update(const Parameters& parameters) {
  ++steps_;
  if (steps_ - steps_in_ >= static_cast<std::uint64_t>(options_.every)) look(parameters);
}

void ExponentialMovingAverage::look(const Parameters& parameters) {
  const auto t = static_cast<double>(steps_);
  const double decay = std::pow(std::min(options_.decay, (1.0 + t) / (10.0 + t)), static_cast<double>(steps_ - steps_in_));
  steps_in_ = steps_;
  for (const Parameter& parameter : parameters) {
    Array& to = averages_[parameter.index()];
    if (parameter.dtype() == Dtype::float32)
      average<float>(to, parameter.value(), decay);
    else
      average<double>(to, parameter.value(), decay);
  }
}

void ExponentialMovingAverage::exchange(Parameters& parameters) {
  if (steps_in_ < steps_) look(parameters);
  Parameters::Snapshot now = parameters.snapshot();
  parameters.restore(averages_);
  averages_ = std::move(now);
}

void ExponentialMovingAverage::restore(Parameters::Snapshot averages, std::uint64_t steps, std::uint64_t steps_in) {
  averages_ = std::move(averages);
  steps_ = steps;
  steps_in_ = steps_in;
}

}  // namespace tapegrad::optim
