#include <tapegrad/optim/optimizer.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {

Optimizer::Optimizer(double learning_rate, double weight_decay) {
  set_learning_rate(learning_rate);
  if (!(weight_decay >= 0.0 && std::isfinite(weight_decay)))
    throw ValueError(fmt::format("a weight decay must be a number that is not negative, got {}", weight_decay));
}

void Optimizer::set_learning_rate(double rate) {
  if (!(rate >= 0.0 && std::isfinite(rate)))
    throw ValueError(fmt::format("a learning rate must be a number that is not negative, got {}", rate));
  learning_rate_ = rate;
}

ParameterState& Optimizer::state_of(Parameter& parameter) {
  if (states_.size() <= parameter.index()) states_.resize(parameter.index() + 1);
  auto& state = states_[parameter.index()];
  if (!state) state = make_state(parameter);
  return *state;
}

void Optimizer::update(Parameters& parameters, const Gradients& gradients) {
  if (parameters_ != 0 && parameters_ != parameters.serial())
    throw ValueError("an optimizer serves one set of parameters, got a second");
  for (const GradientEntry& entry : gradients) {
    const Parameter& parameter = parameters.own(*entry.parameter);
    if (entry.dtype != parameter.dtype()) {
      throw ValueError(fmt::format("parameter {} is {}, its gradient {}: train on a tape of the parameters' type",
                                   parameter.name(), name_of(parameter.dtype()), name_of(entry.dtype)));
    }
  }
  parameters_ = parameters.serial();
  for (const GradientEntry& entry : gradients) {
    Parameter& parameter = parameters.own(*entry.parameter);
    double rate = learning_rate_;
    if (!group_factors_.empty()) {
      if (const auto factor = group_factors_.find(parameter.group()); factor != group_factors_.end()) rate *= factor->second;
    }
    state_of(parameter).update(entry, gradients.factor(), rate);
    parameter.count_version();
  }
  ++steps_;
}

std::map<std::string, Array> Optimizer::state(Parameters& parameters) {
  std::map<std::string, Array> all;
  all.emplace("steps", Array::full({}, static_cast<double>(steps_), Dtype::int64));
  all.emplace("learning_rate", Array::full({}, learning_rate_, Dtype::float64));
  for (Parameter& parameter : parameters) {
    if (states_.size() <= parameter.index() || !states_[parameter.index()]) continue;
    for (auto& [name, array] : states_[parameter.index()]->arrays())
      all.emplace(fmt::format("{}.{}", parameter.name(), name), array);
  }
  return all;
}

void Optimizer::restore(Parameters& parameters, const std::map<std::string, Array>& state) {
  // What came after the state is forgotten.
  parameters.settle();
  for (Parameter& parameter : parameters) parameter.set_pending(nullptr);
  states_.clear();
  steps_ = 0;
  std::map<std::string, std::map<std::string, Array>> by_parameter;
  for (const auto& [name, array] : state) {
    if (name == "steps") {
      steps_ = static_cast<std::uint64_t>(array.at(0));
      continue;
    }
    if (name == "learning_rate") {
      set_learning_rate(array.at(0));
      continue;
    }
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) throw ValueError(fmt::format("an optimizer's state is named PARAMETER.ARRAY, got {}", name));
    by_parameter[name.substr(0, dot)].emplace(name.substr(dot + 1), array);
  }
  parameters_ = parameters.serial();
  for (const auto& [name, arrays] : by_parameter) state_of(parameters.at(name)).restore(arrays);
}

}  // namespace tapegrad::optim
