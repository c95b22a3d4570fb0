// Models of what comes next in a sequence of items.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/event_inputs.h>
#include <tapegrad/apps/models/feature_vectors.h>
#include <tapegrad/apps/models/next_item_loss.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {

struct SequenceModelOptions {
  Index width = 64;        // of the vectors of items and of the states
  double dropout = 0.0;    // of the vectors of events
  bool intervals = false;  // whether the time since the event before is an input
  bool revisits = false;   // whether how often the item came before is an input
};

// All models score item i after a state h as ⟨h, wᵢ⟩ + bᵢ with the item's own vector, so that items
// have one meaning. The vector of an event is its item's, plus those of its item's features and of
// its type (where there are any), of the time since the event before, and of how often its item
// came before (where the model looks at these).
class SequenceModel {
 public:
  SequenceModel(const Scope& scope, const SequenceInputs& inputs,
                const SequenceModelOptions& options);
  virtual ~SequenceModel() = default;

  // The states after all events of the histories.
  struct Encoded {
    Tensor states;            // [places, width]
    std::vector<Index> rows;  // of the states that of each event, history by history
  };
  // Histories are no longer than longest(). Where there is one history, strengths [events] may say
  // how much of each event's vector counts, from 0 to 1, for explanations.
  virtual Encoded encode(Tape& tape, std::span<const History> histories,
                         const Tensor& strengths = {}) const = 0;
  // How many of the last events of a history the model looks at; 0: all.
  virtual Index longest() const { return 0; }

  // What is known after each history of any length: [histories, width]. Of strengths the last
  // longest() count.
  Tensor states(Tape& tape, std::span<const History> histories, const Tensor& strengths = {}) const;
  // The same without gradients: clears the tape now and then, so that it never holds more than a
  // piece of the histories.
  virtual Tensor states_of_long(Tape& tape, std::span<const History> histories) const {
    return states(tape, histories);
  }
  // What a history that grows event by event leaves behind, so that its next state does not need
  // all of it again; nothing before the first event.
  struct Trace {
    std::vector<Array> arrays;
  };
  // The state after a history, [1, width], without gradients. All of its events but the last came
  // before, one by one, with the same trace.
  virtual Tensor state_after(Tape& tape, const History& history, Trace& /*trace*/) const {
    return states_of_long(tape, {&history, 1});
  }
  // [n, items], of states [n, width].
  Tensor logits(const Tensor& states) const;

  // What comes after each of some states: items, of which those of -100 do not count, and how much
  // each weighs; without weights all weigh 1.
  struct NextItems {
    std::span<const Index> items;
    std::span<const double> weights = {};
  };
  // The mean over what counts of its loss times its weight. `negatives` are one for each row with
  // the loss bce, else what the batch shares; log_q, by item, are the logarithms of the
  // probabilities to draw each.
  Tensor loss(const Tensor& states, const NextItems& next, const NextItemLossOptions& options,
              std::span<const Index> negatives, std::span<const double> log_q) const;

  Index items() const { return items_.weight().shape()[0]; }
  Index width() const { return items_.weight().shape()[1]; }

 protected:
  // Vectors of events, with dropout: [events, width].
  Tensor embed(Tape& tape, const EventInputs& events, const Tensor& strengths = {}) const;

 private:
  nn::Embedding items_;
  const Parameter* biases_;
  std::optional<FeatureVectors> features_;
  std::optional<nn::Embedding> types_, intervals_, revisits_;
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
  void score_each(std::span<const History> histories, std::span<float> scores) const;
  void score_beginnings(std::span<const History> histories, std::span<const History> longest,
                        std::span<const std::size_t> of, std::span<float> scores) const;

  const SequenceModel& model_;
  mutable TapePool tapes_;
};

}  // namespace tapegrad::apps
