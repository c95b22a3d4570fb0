// What all update rules share: steps, learning rates, the state of each parameter, and the choice
// between dense and row-sparse.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/graph/gradients.h>
#include <tapegrad/graph/parameters.h>

namespace tapegrad::optim {

// One parameter's state under one rule. A parameter's steps count the updates that had a gradient
// of it.
class ParameterState {
 public:
  virtual ~ParameterState() = default;
  // The update with a gradient, to be multiplied by `factor`, at this learning rate.
  virtual void update(const GradientEntry& entry, double factor, double learning_rate) = 0;
  // The arrays that a checkpoint keeps; settled, so that restoring into a new state goes on as if
  // nothing had happened.
  virtual std::map<std::string, Array> arrays() = 0;
  // Of a new state, which is thrown away if this throws: ValueError for arrays that are missing,
  // too many, or do not fit. The parameter is left alone until begin_restored().
  virtual void restore(const std::map<std::string, Array>& arrays) = 0;
  virtual void begin_restored() = 0;
};

class Optimizer {
 public:
  // Throws ValueError for a learning rate or a weight decay that is negative or not finite.
  Optimizer(double learning_rate, double weight_decay);
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  // One step: every parameter that has a gradient moves, its version goes up. Throws ValueError for
  // gradients of parameters that are not among these, or that do not fit them, and then nothing has
  // moved.
  void update(Parameters& parameters, const Gradients& gradients);

  double learning_rate() const { return learning_rate_; }
  // For the following steps.
  void set_learning_rate(double rate);
  // Parameters of a group move with the rate times this factor. Throws ValueError for one that is
  // negative or not finite.
  void set_group_factor(const std::string& group, double factor);
  std::uint64_t steps() const { return steps_; }

  // The steps, the learning rate and the state by parameter: "lstm/bias.first_moment";
  // "lstm/bias.steps" alone for one that had no gradient yet. Groups' factors are settings, not
  // state. Restoring throws ValueError unless the state is whole and of these parameters, and then
  // leaves everything as it was. A moving average that was followed row by row (row_state.h) is
  // part of the state, and goes on with the first update if one with its numbers takes it up.
  std::map<std::string, Array> state(Parameters& parameters);
  void restore(Parameters& parameters, const std::map<std::string, Array>& state);

 protected:
  virtual std::shared_ptr<ParameterState> make_state(Parameter& parameter) = 0;

 private:
  void check_own(const Parameters& parameters) const;
  ParameterState& state_of(Parameter& parameter);

  double learning_rate_;
  std::uint64_t steps_ = 0;
  std::map<std::string, double> group_factors_;
  std::uint64_t parameters_ = 0;                         // their serial
  std::vector<std::shared_ptr<ParameterState>> states_;  // by the parameter's index
};

}  // namespace tapegrad::optim
