#include <tapegrad/optim/optimizer.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {
namespace {

void check_rate(double rate) {
  if (!(rate >= 0.0 && std::isfinite(rate)))
    throw ValueError(
        fmt::format("a learning rate must be a number that is not negative, got {}", rate));
}

void check_fits(const GradientEntry& entry, const Parameter& parameter) {
  const Shape& shape = parameter.shape();
  const Index rows = entry.sparse ? static_cast<Index>(entry.rows.size()) : shape.rows();
  const bool within =
      !entry.sparse || rows == 0 || (entry.rows.front() >= 0 && entry.rows.back() < shape.rows());
  if (within && entry.count == rows * shape.columns()) return;
  throw ValueError(fmt::format(
      "the gradient of parameter {} of shape {} has {} numbers in {} rows, which do not fit it",
      parameter.name(), shape.to_string(), entry.count, rows));
}

}  // namespace

Optimizer::Optimizer(double learning_rate, double weight_decay) {
  set_learning_rate(learning_rate);
  if (!(weight_decay >= 0.0 && std::isfinite(weight_decay)))
    throw ValueError(
        fmt::format("a weight decay must be a number that is not negative, got {}", weight_decay));
}

void Optimizer::set_learning_rate(double rate) {
  check_rate(rate);
  learning_rate_ = rate;
}

ParameterState& Optimizer::state_of(Parameter& parameter) {
  if (states_.size() <= parameter.index()) states_.resize(parameter.index() + 1);
  auto& state = states_[parameter.index()];
  if (!state) state = make_state(parameter);
  return *state;
}

void Optimizer::check_own(const Parameters& parameters) const {
  if (parameters_ != 0 && parameters_ != parameters.serial())
    throw ValueError("an optimizer serves one set of parameters, got a second");
}

void Optimizer::set_group_factor(const std::string& group, double factor) {
  if (!(factor >= 0.0 && std::isfinite(factor)))
    throw ValueError(fmt::format(
        "the factor of group {} must be a number that is not negative, got {}", group, factor));
  group_factors_[group] = factor;
}

void Optimizer::update(Parameters& parameters, const Gradients& gradients) {
  check_own(parameters);
  gradients.check_parameters();
  for (const GradientEntry& entry : gradients) {
    Parameter& parameter = parameters.own(*entry.parameter);
    parameter.check_value();
    if (entry.dtype != parameter.dtype()) {
      throw ValueError(fmt::format(
          "parameter {} is {}, its gradient {}: train on a tape of the parameters' type",
          parameter.name(), name_of(parameter.dtype()), name_of(entry.dtype)));
    }
    check_fits(entry, parameter);
  }
  // Before anything moves: making a state may throw.
  for (const GradientEntry& entry : gradients) state_of(parameters.own(*entry.parameter));
  parameters_ = parameters.serial();
  for (const GradientEntry& entry : gradients) {
    Parameter& parameter = parameters.own(*entry.parameter);
    double rate = learning_rate_;
    if (!group_factors_.empty()) {
      if (const auto factor = group_factors_.find(parameter.group());
          factor != group_factors_.end())
        rate *= factor->second;
    }
    state_of(parameter).update(entry, gradients.factor(), rate);
    parameter.count_version();
  }
  ++steps_;
}

std::map<std::string, Array> Optimizer::state(Parameters& parameters) {
  check_own(parameters);
  std::map<std::string, Array> all;
  all.emplace("steps", Array::full({}, static_cast<double>(steps_), Dtype::int64));
  all.emplace("learning_rate", Array::full({}, learning_rate_, Dtype::float64));
  for (Parameter& parameter : parameters) {
    if (states_.size() <= parameter.index() || !states_[parameter.index()]) {
      all.emplace(fmt::format("{}.steps", parameter.name()), Array({}, Dtype::int64));
      continue;
    }
    for (auto& [name, array] : states_[parameter.index()]->arrays())
      all.emplace(fmt::format("{}.{}", parameter.name(), name), array);
  }
  return all;
}

namespace {

double scalar(const std::map<std::string, Array>& arrays, const std::string& name, Dtype dtype) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) throw ValueError(fmt::format("the optimizer's state lacks {}", name));
  if (found->second.shape() == Shape{} && found->second.dtype() == dtype)
    return found->second.at(0);
  throw ValueError(fmt::format("the optimizer's {} has shape {} of {}, expected one number of {}",
                               name, found->second.shape().to_string(),
                               name_of(found->second.dtype()), name_of(dtype)));
}

// Whether the state is that of a parameter without a gradient so far.
bool untouched(const std::map<std::string, Array>& arrays) {
  return arrays.size() == 1 && arrays.contains("steps") &&
         scalar(arrays, "steps", Dtype::int64) == 0.0;
}

}  // namespace

void Optimizer::restore(Parameters& parameters, const std::map<std::string, Array>& state) {
  const double steps = scalar(state, "steps", Dtype::int64);
  const double rate = scalar(state, "learning_rate", Dtype::float64);
  if (steps < 0.0)
    throw ValueError(fmt::format("an optimizer's steps must not be negative, got {}", steps));
  check_rate(rate);
  std::map<std::string, std::map<std::string, Array>> by_parameter;
  for (const auto& [name, array] : state) {
    if (name == "steps" || name == "learning_rate") continue;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos)
      throw ValueError(fmt::format("an optimizer's state is named PARAMETER.ARRAY, got {}", name));
    by_parameter[name.substr(0, dot)].emplace(name.substr(dot + 1), array);
  }
  for (const auto& [name, arrays] : by_parameter) parameters.at(name);
  std::vector<std::shared_ptr<ParameterState>> states(parameters.size());
  for (Parameter& parameter : parameters) {
    const auto found = by_parameter.find(parameter.name());
    if (found == by_parameter.end())
      throw ValueError(fmt::format("the optimizer's state lacks parameter {}", parameter.name()));
    if (untouched(found->second)) continue;
    states[parameter.index()] = make_state(parameter);
    states[parameter.index()]->restore(found->second);
  }
  // From here on nothing throws. What came after the state is forgotten.
  parameters.settle();
  for (Parameter& parameter : parameters) parameter.set_pending(nullptr);
  for (const auto& restored : states) {
    if (restored) restored->begin_restored();
  }
  states_ = std::move(states);
  steps_ = static_cast<std::uint64_t>(steps);
  learning_rate_ = rate;
  parameters_ = parameters.serial();
}

}  // namespace tapegrad::optim
