// Models of what comes next in a sequence of items.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {

// All models score item i after a state h as ⟨h, wᵢ⟩ + bᵢ with the item's own vector, so that items
// have one meaning.
class SequenceModel {
 public:
  SequenceModel(const Scope& scope, Index items, Index width, double dropout);
  virtual ~SequenceModel() = default;

  // What is known after each history: [histories, width].
  virtual Tensor states(Tape& tape, std::span<const History> histories) const = 0;
  // The same for histories of any length, without gradients: clears the tape now and then, so that
  // it never holds more than a piece of them.
  virtual Tensor states_of_long(Tape& tape, std::span<const History> histories) const {
    return states(tape, histories);
  }
  // [n, items], of states [n, width].
  Tensor logits(const Tensor& states) const;
  // The mean loss of the states' next items [n], those of -100 left out: cross-entropy over all
  // items.
  Tensor softmax_loss(const Tensor& states, std::span<const Index> next) const;
  // BPR-max against negatives that all states share.
  Tensor bpr_max_loss(const Tensor& states, std::span<const Index> next,
                      std::span<const Index> negatives, double regularisation) const;

  Index items() const { return items_.weight().shape()[0]; }

 protected:
  // Vectors of items, with dropout.
  Tensor embed(Tape& tape, std::span<const Index> ids) const;

 private:
  nn::Embedding items_;
  const Parameter* biases_;
  double dropout_;
};

// A trained model as a predictor; the parameters must not change meanwhile.
class ModelPredictor : public NextItemPredictor {
 public:
  ModelPredictor(const SequenceModel& model, Parameters& parameters) : model_(model) {
    parameters.settle();
  }
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  const SequenceModel& model_;
  mutable TapePool tapes_;
};

}  // namespace tapegrad::apps
