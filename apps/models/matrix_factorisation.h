// Neural matrix factorisation: a dot product with biases.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   score(u, i) = ⟨pᵤ, qᵢ⟩ + bᵢ,   p [users, factors], q [items, factors], b [items, 1]
// A user's own bias changes no ranking of items and no softmax over them, so there is none.
// Source: Koren, Bell & Volinsky, Computer 2009; as a baseline: Rendle et al., RecSys 2020.
class MatrixFactorisation : public InteractionModel {
 public:
  MatrixFactorisation(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;
  Tensor all_logits(Tape& tape, std::span<const std::int32_t> users) const override;
  Vectors vectors(Tape& tape, std::span<const std::int32_t> users,
                  std::span<const std::int32_t> items) const override;
  // Folds new users in (SoftmaxFoldIn).
  void begin_new_users(Parameters& parameters,
                       const std::shared_ptr<const UserItems>& known) const override;
  // Folds people with a history in (SoftmaxFoldIn).
  std::unique_ptr<const Recommender> recommender(Index items) const override;

 private:
  FeaturedEmbedding users_, items_;
  nn::Embedding biases_;
  double dropout_;
  std::shared_ptr<const UserItems> pairs_;
};

// Model `mf`.
ModelRow mf_row();

}  // namespace tapegrad::apps
