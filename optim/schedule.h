// Learning rates that change while training goes on.
#pragma once

#include <cstdint>
#include <functional>

namespace tapegrad::optim {

// The learning rate at step t = 0, 1, 2, ...; a step is whatever the program counts: batches or
// epochs.
//   optimizer.set_learning_rate(schedule(t));
using Schedule = std::function<double(std::uint64_t step)>;

// Those that follow throw ValueError for rates and factors that are negative or not finite, and for
// an empty schedule.
Schedule constant_schedule(double rate);
// rate·factor^⌊t/every⌋.
Schedule step_schedule(double rate, std::uint64_t every, double factor = 0.1);
// rate·factorᵗ.
Schedule exponential_schedule(double rate, double factor);
// last + ½(rate - last)(1 + cos(π·t/steps)), `last` from t = steps on. Source: Loshchilov & Hutter,
// ICLR 2017, without restarts.
Schedule cosine_schedule(double rate, std::uint64_t steps, double last = 0.0);
// `after` times (t+1)/steps while t < steps, then `after` as it is, which counts t from 0 all the
// same. Source: Goyal et al., 2017.
Schedule warm_up(std::uint64_t steps, Schedule after);

struct PlateauOptions {
  double factor = 0.1;
  int patience = 10;        // evaluations without a better one that are let pass
  double threshold = 1e-4;  // how much better counts, as a part of the best
  double lowest_rate = 0.0;
  bool larger_is_better = false;
};

// Multiplies the rate by a factor when a measured value no longer gets better; PyTorch's
// ReduceLROnPlateau.
class ReduceOnPlateau {
 public:
  // Throws ValueError unless 0 < factor < 1 and the patience is not negative.
  explicit ReduceOnPlateau(double rate, const PlateauOptions& options = {});
  // After each evaluation; returns the rate to go on with.
  double update(double value);
  double rate() const { return rate_; }

  // For checkpoints.
  struct State {
    double rate = 0.0, best = 0.0;
    int bad = 0;
    bool any = false;  // whether there was an evaluation
  };
  State state() const { return {rate_, best_, bad_, any_}; }
  void restore(const State& state);

 private:
  bool better(double value) const;

  PlateauOptions options_;
  double rate_;
  double best_ = 0.0;
  int bad_ = 0;  // evaluations since the best
  bool any_ = false;
};

}  // namespace tapegrad::optim
