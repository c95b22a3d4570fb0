// A recurrent state that goes on from one recording to the next.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tapegrad/nn/recurrent.h>

namespace tapegrad::nn {

// Truncated backpropagation through time: the numbers go on, gradients end where a recording
// begins.
//   tape.clear();
//   auto [output, after] = lstm(x, carried.begin(tape, lstm, batch));
//   carried.keep(after);
//   Gradients gradients = backward(loss);
//   carried.take();
class CarriedState {
 public:
  // What was taken last; before that the layer's initial state.
  RecurrentState begin(Tape& tape, const Recurrent& layer, Index batch,
                       SourceLine line = SourceLine::here()) const;
  // Says while recording what the next one begins with, so that the run keeps its numbers.
  void keep(const RecurrentState& state);
  // After the run: copies the numbers of what was kept. Where nothing was run yet, it is.
  void take();

  // For checkpoints: "0.1" is the second tensor of the first cell.
  std::map<std::string, Array> values() const;
  void restore(const std::map<std::string, Array>& values);

 private:
  RecurrentState kept_;
  std::vector<std::vector<Array>> arrays_;
};

}  // namespace tapegrad::nn
