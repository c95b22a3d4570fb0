// The parts of what a network looks at when it scores an item for somebody, for explanations.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

enum class InputKind {
  user,          // the user's own vector, by its number
  user_feature,  // a feature of the user, by its place
  history,       // an item of the user's history
  behaviour,     // the same in a second list of events of all types (history-mlp's B)
  item,          // the item's own vector
  item_feature,  // a feature of the item
  item_bias,     // the item's bias
  event,         // an event of an ordered history, by its place from 0 on
  token,         // a token of a text, by its place from 0 on
  region         // a region of a picture, from the upper left on
};

struct InputPart {
  InputKind kind = InputKind::user;
  std::int32_t number = 0;
  float value = 1.0F;  // what the part's row is multiplied by in the model
};

// Whom an item is scored for.
struct Subject {
  std::int32_t user = -1;  // -1: somebody who is known by the history alone
  Person history;
};

// Parts, each of which counts by its strength: 0 takes it out, 1 leaves it as it is.
class WeightedParts {
 public:
  // strengths [parts]
  WeightedParts(std::span<const InputPart> parts, const Tensor& strengths)
      : parts_(parts), strengths_(strengths) {}

  std::span<const InputPart> parts() const { return parts_; }

  // The parts of a kind: their numbers, and strength times value [count, 1]. Null Tensor for none.
  struct Some {
    std::vector<std::int32_t> numbers;
    Tensor weights;
  };
  Some of(Tape& tape, InputKind kind) const;

  // Σ strength · value · table[number] over the parts of a kind: [1, width].
  Tensor sum(Tape& tape, InputKind kind, const Parameter& table) const;

 private:
  std::span<const InputPart> parts_;
  Tensor strengths_;
};

}  // namespace tapegrad::apps
