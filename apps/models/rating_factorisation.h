// Matrix factorisation that predicts ratings.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   rating(u, i) = μ + b_u + b_i + ⟨p_u + |N_u|^-½ Σ_{j in N_u} y_j, q_i⟩
// with p [users, factors], q and y [items, factors], and N_u the items that the user has in the
// training. μ is the mean of the training's ratings, and is not trained. A user or an item without
// a training event has the bias and the vector 0. Source: Koren, "Factorization meets the
// neighborhood", KDD 2008, equation 15 (SVD++).
class RatingFactorisation : public InteractionModel {
 public:
  RatingFactorisation(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout);
  // The predicted ratings of pairs.
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;
  Tensor all_logits(Tape& tape, std::span<const std::int32_t> users) const override;
  bool predicts_ratings() const override { return true; }
  std::unique_ptr<const Recommender> recommender(Index items) const override;

 private:
  Tensor mean(Tape& tape) const;  // [1], without a gradient
  // What stands in the brackets beside q_i: [users, factors].
  Tensor user_vectors(Tape& tape, std::span<const std::int32_t> users) const;

  FeaturedEmbedding users_, items_;
  nn::EmbeddingBag history_;
  nn::Embedding user_biases_, item_biases_;
  const Parameter* mean_;  // [1]
  double dropout_;
  std::shared_ptr<const UserItems> pairs_;
};

}  // namespace tapegrad::apps
