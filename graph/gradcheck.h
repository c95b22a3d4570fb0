// Checks gradients against finite differences.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <tapegrad/graph/options.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {

struct GradcheckOptions {
  double step = 1e-5;       // of the central differences
  double tolerance = 1e-6;  // of |analytic - numeric| / max(1, |analytic|, |numeric|)
  // A parameter of more elements is checked along random directions instead.
  Index coordinates = 100;
  int directions = 5;
  bool second_order = true;  // also H·u along a random u, against differences of gradients
  std::uint64_t seed = 0;    // of the directions
  TapeOptions tape = {};     // dtype is float64 whatever it says
};

struct GradcheckResult {
  bool passed = true;
  double worst_error = 0.0;
  // "lstm/bias[5]: analytic 0.1234, numeric 0.1301"; for directions "lstm/weight·direction 2: ...".
  std::string worst;
  Index comparisons = 0;

  explicit operator bool() const { return passed; }
};

// Compares the gradients of `loss`, a function that records a scalar from the parameters, in double
// precision. The model may hold float parameters: they are read as doubles, and perturbed copies
// stand in for them. Random operations are pure functions of the step, which stays, so dropout can
// be checked too. Frozen parameters are left out. Throws ValueError for options that make no sense,
// and TapeError for a loss that is of another tape.
GradcheckResult gradcheck(Parameters& parameters, const std::function<Tensor(Tape&)>& loss,
                          const GradcheckOptions& options = {});

}  // namespace tapegrad
