// A moving average of the parameters over the steps of training, to evaluate in their place.
#pragma once

#include <cstdint>

#include <tapegrad/graph/parameters.h>

namespace tapegrad::optim {

struct AverageOptions {
  double decay = 0.999;  // of one step
  int every = 1;         // steps between two looks at the parameters, which then count that many times
};

// average ← d·average + (1 - d)·parameter, with d = min(decay, (1 + t)/(10 + t)) at step t, so that the first numbers are soon
// forgotten.
class ExponentialMovingAverage {
 public:
  // Starts from the parameters as they are. Throws ValueError for a decay outside [0, 1) or `every` below 1.
  ExponentialMovingAverage(const Parameters& parameters, const AverageOptions& options);

  // After each step.
  void update(const Parameters& parameters);
  // Exchanges the averages, with all updates in them, and the parameters; a second call exchanges them back.
  void exchange(Parameters& parameters);

  std::uint64_t steps() const { return steps_; }

  // For checkpoints.
  const Parameters::Snapshot& averages() const { return averages_; }
  std::uint64_t steps_in() const { return steps_in_; }
  void restore(Parameters::Snapshot averages, std::uint64_t steps, std::uint64_t steps_in);

 private:
  void look(const Parameters& parameters);

  AverageOptions options_;
  Parameters::Snapshot averages_;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_in_ = 0;  // the averages, so far
};

}  // namespace tapegrad::optim
