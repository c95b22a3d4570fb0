// Neural collaborative filtering: GMF and an MLP side by side, with embeddings of their own.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   logit(u, i) = ⟨h, [pᵤ ∘ qᵢ, tower([p'ᵤ, q'ᵢ])]⟩ + b,   p, q of `factors`; p', q' of 2·factors;
//   tower 4·factors → 2·factors →
//   factors
// Source: He et al., "Neural Collaborative Filtering", WWW 2017, section 3.4, without pre-training.
class NeuMf : public InteractionModel {
 public:
  NeuMf(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;

 private:
  FeaturedEmbedding gmf_users_, gmf_items_, mlp_users_, mlp_items_;
  nn::Mlp tower_;
  nn::Linear output_;
};

ModelRow neumf_row();

}  // namespace tapegrad::apps
