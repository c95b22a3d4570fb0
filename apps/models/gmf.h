// Generalised matrix factorisation.
#pragma once

#include <tapegrad/apps/models/featured_embedding.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

//   logit(u, i) = ⟨h, pᵤ ∘ qᵢ⟩ + b,   p [users, factors], q [items, factors], h [factors]
// Source: He et al., "Neural Collaborative Filtering", WWW 2017, section 3.2.
class Gmf : public InteractionModel {
 public:
  Gmf(const Scope& scope, const ModelInputs& inputs, Index factors);
  Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                std::span<const std::int32_t> items) const override;
  std::vector<InputPart> input_parts(const Subject& subject, std::int32_t item) const override;
  Tensor logit_of_parts(Tape& tape, const WeightedParts& parts) const override;

 private:
  FeaturedEmbedding users_, items_;
  nn::Linear output_;
};

ModelRow gmf_row();

}  // namespace tapegrad::apps
