// Neural networks that score pairs of a user and an item.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/input_parts.h>

namespace tapegrad::apps {

class InteractionModel {
 public:
  virtual ~InteractionModel() = default;

  // The logits [pairs] of the pairs (users[i], items[i]).
  virtual Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                        std::span<const std::int32_t> items) const = 0;

  // The logits [users, items] of all items; null Tensor if the model has no faster way than pair by
  // pair.
  virtual Tensor all_logits(Tape&, std::span<const std::int32_t>) const { return {}; }

  // For models whose logit is ⟨u, q_i⟩ + b_i: the vectors u [users, width] of users, the vectors q
  // [items, width] and the biases b [items] of items, of all where `items` is empty. Null Tensors
  // for the others.
  struct Vectors {
    Tensor users, items, biases;
  };
  virtual Vectors vectors(Tape& /*tape*/, std::span<const std::int32_t> /*users*/,
                          std::span<const std::int32_t> /*items*/) const {
    return {};
  }

  // What the model looks at when it scores an item for somebody; empty for a person whom it cannot
  // score.
  virtual std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const = 0;
  // The logit [1] of that item where each of these parts counts by its strength.
  virtual Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const = 0;

  // Whether its logits are predicted ratings.
  virtual bool predicts_ratings() const { return false; }

  // For a model whose first users and items, those of `known`, are trained and whose others are
  // new: gives new users a better beginning than random numbers, where their histories can tell
  // one. `parameters` are those of the model.
  virtual void begin_new_users(Parameters& /*parameters*/,
                               const std::shared_ptr<const UserItems>& /*known*/) const {}

  // The trained model as a recommender, which it must outlive; its weights must be settled and not
  // change meanwhile.
  virtual std::unique_ptr<const Recommender> recommender(Index items) const;
};

}  // namespace tapegrad::apps
