// Backpropagation through very many steps in bounded memory.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <tapegrad/graph/gradients.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

struct TimeStepResult {
  std::vector<Tensor> state;  // as many tensors, of the same shapes, as came in
  Tensor loss = {};           // a scalar, or nothing at steps without a loss
};
// Records step t = 0, 1, 2, ... It is called two or three times for each, must record the same
// every time, and have no effects besides.
using TimeStep =
    std::function<TimeStepResult(Tape& tape, Index t, const std::vector<Tensor>& state)>;

struct RecomputedGradients {
  double loss = 0.0;  // the sum over all steps
  Gradients gradients = {};
  std::vector<Array> state = {};  // after the last step
  Index segment = 0;              // steps that were on the tape at once
};

// The gradients of the sum of all losses. The states are kept at the beginnings of segments; each
// segment is recorded once to get to the next and once more, from the last to the first, to
// differentiate it. A segment is as long as the budget, in bytes that the tape, its plans and the
// states hold, is estimated to allow, from a short probe; what the system's allocator keeps of
// freed memory comes on top. The tape is cleared. Dropout has the same masks both times. Throws
// ValueError for no steps and for a budget that not even segments of one step fit. Source: Chen et
// al., "Training deep nets with sublinear memory cost", 2016.
RecomputedGradients backward_with_recomputation(Tape& tape, Index steps,
                                                const std::vector<Array>& first_state,
                                                const TimeStep& step, std::size_t memory_budget);

}  // namespace tapegrad::nn
