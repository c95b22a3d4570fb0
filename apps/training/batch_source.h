// What a training loop drives: epochs of batches, and the loss of each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // Epochs count from 0; the batches of one are a function of the seed and its number.
  virtual void begin_epoch(int epoch) = 0;
  // Goes to the next batch; false at the end.
  virtual bool next() = 0;
  // Of an epoch, about; of the batch.
  virtual Index epoch_samples() const = 0;
  virtual Index samples() const = 0;
  // The batch's mean loss.
  virtual Tensor loss(Tape& tape) = 0;
  // How much the batch's loss depends on each step of its inputs, the last step first: of the
  // examples that have the step, the root of the mean squared gradient of their own loss with
  // regard to a factor of the step's vector. Empty where inputs have no steps. The tape is one of
  // its own, so that the training goes on as if nobody had asked.
  virtual std::vector<double> gradients_by_step(Tape&) { return {}; }
  // After the batch's gradients were computed.
  virtual void computed() {}

  // What is carried from batch to batch, for checkpoints.
  virtual std::map<std::string, Array> state() const { return {}; }
  // Throws DataError for a state that is not of a source like this one.
  virtual void restore(const std::map<std::string, Array>& state) {
    if (!state.empty())
      throw DataError("source/" + state.begin()->first +
                      " is not known: nothing is carried from batch to batch");
  }
};

}  // namespace tapegrad::apps
