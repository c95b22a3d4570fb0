// Truncated backpropagation through time with a window that slides.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// At every step the last `length` steps are recorded anew, from the state before them, which passes
// no gradient on: a loss at the newest step reaches `length` steps back, with the weights as they
// are now. Memory does not grow with the steps.
// Source: Williams & Peng, Neural Computation 2, 1990.
class SlidingWindow {
 public:
  // Records one step from its input and the state before it; returns the state after it.
  using Step = std::function<std::vector<Tensor>(Tape& tape, const Array& input,
                                                 const std::vector<Tensor>& state)>;

  // Throws ValueError unless the length is positive and there is a step.
  SlidingWindow(Index length, std::vector<Array> first_state, Step step);

  // Takes the newest input and records the window on the tape, which should be clear; returns the
  // state after it. If this throws, the window is as it was. Throws ValueError for a window that
  // was moved from.
  std::vector<Tensor> record(Tape& tape, const Array& input);

 private:
  Index length_;
  std::vector<Array> before_;  // the state before the window
  std::deque<Array> inputs_;
  Step step_;
};

}  // namespace tapegrad::nn
