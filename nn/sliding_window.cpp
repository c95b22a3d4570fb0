#include <tapegrad/nn/sliding_window.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {

SlidingWindow::SlidingWindow(Index length, std::vector<Array> first_state, Step step)
    : length_(length), before_(std::move(first_state)), step_(std::move(step)) {
  if (length < 1)
    throw ValueError(fmt::format("a sliding window needs a length of 1 or more, got {}", length));
  if (!step_) throw ValueError("a sliding window needs a step, got an empty function");
}

std::vector<Tensor> SlidingWindow::record(Tape& tape, const Array& input) {
  if (!step_) throw ValueError("the sliding window was moved from");
  std::deque<Array> inputs = inputs_;
  std::vector<Array> before;
  inputs.push_back(input);
  if (static_cast<Index>(inputs.size()) > length_) inputs.pop_front();
  std::vector<Tensor> state;
  for (const Array& array : before_) state.push_back(tape.input(array));
  // What comes after the first step is where the next window begins, once this one is full.
  const bool full = static_cast<Index>(inputs.size()) == length_;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    state = step_(tape, inputs[t], state);
    if (t == 0 && full) {
      for (const Tensor& tensor : state) before.push_back(tensor.copy());
    }
  }
  if (full) before_ = std::move(before);
  inputs_ = std::move(inputs);
  return state;
}

}  // namespace tapegrad::nn
