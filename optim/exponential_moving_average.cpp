#include <tapegrad/optim/exponential_moving_average.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/row_state.h>

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

ExponentialMovingAverage::ExponentialMovingAverage(const Parameters& parameters,
                                                   const AverageOptions& options)
    : options_(options),
      parameters_(parameters.serial()),
      identity_(std::make_shared<const char>()) {
  if (!(options.decay >= 0.0 && options.decay < 1.0) || options.every < 1) {
    throw ValueError(fmt::format(
        "a moving average needs a decay within [0, 1) and steps of 1 or more, got {} and {}",
        options.decay, options.every));
  }
  for (const Parameter& parameter : parameters) {
    items_.push_back({.shape = parameter.shape(),
                      .dtype = parameter.dtype(),
                      .average = parameter.value(),
                      .rows = nullptr,
                      .version = parameter.version()});
  }
}

ExponentialMovingAverage::~ExponentialMovingAverage() {
  for (const Item& item : items_) {
    if (item.rows) item.rows->leave_average();
  }
}

ExponentialMovingAverage::ExponentialMovingAverage(ExponentialMovingAverage&& other) noexcept =
    default;

ExponentialMovingAverage& ExponentialMovingAverage::operator=(
    ExponentialMovingAverage&& other) noexcept {
  ExponentialMovingAverage moved(std::move(other));
  std::swap(options_, moved.options_);
  std::swap(parameters_, moved.parameters_);
  items_.swap(moved.items_);
  std::swap(steps_, moved.steps_);
  std::swap(steps_in_, moved.steps_in_);
  std::swap(rows_read_, moved.rows_read_);
  exchanged_.swap(moved.exchanged_);
  std::swap(is_exchanged_, moved.is_exchanged_);
  identity_.swap(moved.identity_);
  return *this;
}

void ExponentialMovingAverage::check(const Parameters& parameters) const {
  if (!identity_) throw ValueError("the moving average was moved from");
  if (parameters.serial() != parameters_ || parameters.size() != items_.size()) {
    throw ValueError(fmt::format("the moving average was made of other parameters: of {}, got {}",
                                 items_.size(), parameters.size()));
  }
}

void ExponentialMovingAverage::update(const Parameters& parameters) {
  check(parameters);
  if (is_exchanged_)
    throw ValueError(
        "the averages are in the parameters' place: exchange them back before the next update");
  for (const Parameter& parameter : parameters) parameter.check_value();
  ++steps_;
  follow_all(parameters);
  if (steps_ - steps_in_ >= static_cast<std::uint64_t>(options_.every)) look(parameters);
}

void ExponentialMovingAverage::follow_all(const Parameters& parameters) {
  for (const Parameter& parameter : parameters) follow(items_[parameter.index()], parameter);
}

// Who owes the parameter's rows follows their average too; it may be another than at the last step.
void ExponentialMovingAverage::follow(Item& item, const Parameter& parameter) {
  if (item.rows && parameter.pending() == item.rows.get() &&
      item.rows->follows_average_of(identity_))
    return;
  if (item.rows) {
    item.average = item.rows->average();
    item.rows->leave_average();
    item.rows = nullptr;
    item.equal = false;
  }
  auto* rows = dynamic_cast<RowState*>(parameter.pending());
  if (rows == nullptr || !rows->follow_average(identity_, item.average)) return;
  item.rows = std::static_pointer_cast<RowState>(rows->shared_from_this());
}

void ExponentialMovingAverage::look(const Parameters& parameters) {
  const auto t = static_cast<double>(steps_);
  const double decay = std::pow(std::min(options_.decay, (1.0 + t) / (10.0 + t)),
                                static_cast<double>(steps_ - steps_in_));
  steps_in_ = steps_;
  for (const Parameter& parameter : parameters)
    look_at(items_[parameter.index()], parameter, decay);
}

void ExponentialMovingAverage::look_at(Item& item, const Parameter& parameter, double decay) {
  if (item.rows) {
    item.rows->look(decay);
    return;
  }
  if (item.equal && item.version == parameter.version()) return;
  item.equal = false;
  rows_read_ += static_cast<std::uint64_t>(item.shape.rows());
  if (item.dtype == Dtype::float32)
    average<float>(item.average, parameter.value(), decay);
  else
    average<double>(item.average, parameter.value(), decay);
}

void ExponentialMovingAverage::exchange(Parameters& parameters) {
  check(parameters);
  if (is_exchanged_) {
    parameters.restore(exchanged_);
    exchanged_.clear();
    is_exchanged_ = false;
    return;
  }
  follow_all(parameters);  // an average that was restored, and not updated since, is nobody's yet
  if (steps_in_ < steps_) look(parameters);
  Parameters::Snapshot now = parameters.snapshot();
  parameters.restore(averages());
  exchanged_ = std::move(now);
  is_exchanged_ = true;
}

Parameters::Snapshot ExponentialMovingAverage::averages() const {
  Parameters::Snapshot all;
  for (const Item& item : items_) all.push_back(item.rows ? item.rows->average() : item.average);
  return all;
}

void ExponentialMovingAverage::restore(Parameters::Snapshot averages, std::uint64_t steps,
                                       std::uint64_t steps_in) {
  if (averages.size() != items_.size())
    throw ValueError(fmt::format("the averages are of {} parameters, expected {}", averages.size(),
                                 items_.size()));
  if (steps_in > steps)
    throw ValueError(fmt::format("the averages hold {} of {} steps", steps_in, steps));
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (averages[i].shape() == items_[i].shape && averages[i].dtype() == items_[i].dtype) continue;
    throw ValueError(
        fmt::format("the average of parameter {} has shape {} of {}, expected {} of {}", i,
                    averages[i].shape().to_string(), name_of(averages[i].dtype()),
                    items_[i].shape.to_string(), name_of(items_[i].dtype)));
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    if (item.rows) item.rows->leave_average();
    item.rows = nullptr;
    item.equal = false;
    item.average = std::move(averages[i]);
  }
  steps_ = steps;
  steps_in_ = steps_in;
  exchanged_.clear();
  is_exchanged_ = false;
}

}  // namespace tapegrad::optim
