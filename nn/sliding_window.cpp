#include <tapegrad/nn/sliding_window.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {

SlidingWindow::SlidingWindow(Index length, std::vector<Array> first_state, Step step)
    : length_(length), before_(std::move(first_state)), step_(std::move(step)) {
  if (length < 1) throw ValueError(fmt::format("a sliding window needs a length of 1 or more, got {}", length));
}

std::vector<Tensor> SlidingWindow::record(Tape& tape, const Array& input) {
  inputs_.push_back(input);
  const bool slides = static_cast<Index>(inputs_.size()) > length_;
  if (slides) inputs_.pop_front();
  std::vector<Tensor> state;
  for (const Array& array : before_) state.push_back(tape.input(array));
  // What comes after the first step is where the next window begins, once this one is full.
  const bool full = static_cast<Index>(inputs_.size()) == length_;
  for (std::size_t t = 0; t < inputs_.size(); ++t) {
    state = step_(tape, inputs_[t], state);
    if (t == 0 && full) {
      before_.clear();
      for (const Tensor& tensor : state) before_.push_back(tensor.copy());
    }
  }
  return state;
}

}  // namespace tapegrad::nn
