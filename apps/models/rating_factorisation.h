// Matrix factorisation that predicts ratings.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   rating(u, i) = μ + b_u + b_i + ⟨p_u, q_i⟩,   p [users, factors], q [items, factors]
// μ is the mean of the training's ratings, and is not trained. A user or an item without a training
// event has the bias and the vector 0. Source: Koren, Bell & Volinsky, "Matrix factorization
// techniques for recommender systems", Computer 2009.
class RatingFactorisation : public InteractionModel {
 public:
  RatingFactorisation(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout);
  // The predicted ratings of pairs.
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  Tensor all_logits(Tape& tape, std::span<const std::int32_t> users) const override;
  bool predicts_ratings() const override { return true; }
  std::unique_ptr<const Recommender> recommender(Index items) const override;

 private:
  Tensor mean(Tape& tape) const;  // [1], without a gradient

  FeaturedEmbedding users_, items_;
  nn::Embedding user_biases_, item_biases_;
  const Parameter* mean_;  // [1]
  double dropout_;
};

}  // namespace tapegrad::apps
