// A tower for users and a tower for items.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

struct TwoTowerOptions {
  Index factors = 64;
  double dropout = 0.1;     // of the towers' outputs, while training
  double id_dropout = 0.5;  // how often an id's own vector is hidden while training
};

//   score(u, i) = ⟨tower_U(x_u), tower_I(x_i)⟩ + b_i,   tower(x) = x + W₂ relu(W₁ x + b₁) + b₂
//   x_u = E[u] + Σ_f value_f(u) F[f] + the mean of H[j] over some items j of the user's history
//   x_i = E[i] + Σ_f value_f(i) F[f]
// with b_i 0 for an item without training events. An id's own vector is hidden now and then, so
// that the rest learns to stand alone: users and items without training events are scored by their
// features (and history) alone. Sources: Yi et al., "Sampling-bias-corrected neural modeling for
// large corpus item recommendations", RecSys 2019; hiding ids: Volkovs, Yu & Poutanen,
// "DropoutNet", NIPS 2017.
class TwoTower : public InteractionModel {
 public:
  TwoTower(const Scope& scope, const ModelInputs& inputs, const TwoTowerOptions& options);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;
  Tensor all_logits(Tape& tape, std::span<const std::int32_t> users) const override;
  Vectors vectors(Tape& tape, std::span<const std::int32_t> users,
                  std::span<const std::int32_t> items) const override;
  std::unique_ptr<const Recommender> recommender(Index items) const override;

  // The vectors of people who are known by their histories alone: [people, factors].
  Tensor of_histories(Tape& tape, std::span<const Person> people) const;

 private:
  // The sum of an id's own vector, hidden where there is no event or now and then, and the rest.
  Tensor hidden_ids(Tape& tape, const FeaturedEmbedding& table,
                    std::span<const std::int32_t> entities,
                    const std::vector<bool>& has_event) const;
  Tensor history(Tape& tape, std::span<const Person> people) const;
  Tensor user_vectors(Tape& tape, std::span<const std::int32_t> users) const;
  Tensor item_vectors(Tape& tape, std::span<const std::int32_t> items) const;
  Tensor item_biases(Tape& tape, std::span<const std::int32_t> items) const;  // [items]

  TwoTowerOptions options_;
  std::shared_ptr<const UserItems> pairs_;
  std::vector<bool> user_has_event_, item_has_event_;
  FeaturedEmbedding users_, items_;
  nn::Embedding history_, biases_;
  nn::Mlp user_tower_, item_tower_;
};

// Model `two-tower`.
ModelRow two_tower_row();

}  // namespace tapegrad::apps
