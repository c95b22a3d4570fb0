// A multi-layer perceptron on the embeddings of a user and an item.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   x = [pᵤ, qᵢ] → 2·factors → factors → logit, ReLU between;   p [users, 2·factors], q [items,
//   2·factors]
// Source: He et al., "Neural Collaborative Filtering", WWW 2017, section 3.3: a tower that halves,
// three layers with the input.
class MlpRecommender : public InteractionModel {
 public:
  MlpRecommender(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;

 private:
  FeaturedEmbedding users_, items_;
  nn::Mlp tower_;
  nn::Linear output_;
};

ModelRow mlp_row();

}  // namespace tapegrad::apps
