#include <tapegrad/apps/models/mlp_recommender.h>

namespace tapegrad::apps {

MlpRecommender::MlpRecommender(const Scope& scope, const ModelInputs& inputs, Index factors,
                               double dropout)
    : users_(scope / "users", users_with_items(*inputs.pairs), 2 * factors, 0.01,
             inputs.user_features),
      items_(scope / "items", items_with_users(*inputs.pairs), 2 * factors, 0.01,
             inputs.item_features),
      tower_(scope / "tower", {4 * factors, 2 * factors, factors},
             {.last = nn::Activation::relu,
              .dropout = dropout,
              .linear = {.weight = nn::xavier_uniform(), .bias_values = nn::zeros()}}),
      output_(scope / "output", factors, 1) {}

std::vector<InputPart> MlpRecommender::input_parts(const Subject& subject,
                                                   std::int32_t item) const {
  return pair_parts(users_, items_, subject, item);
}

Tensor MlpRecommender::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  const Tensor pair =
      concatenate({users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature),
                   items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature)},
                  1);
  return reshape(output_(tower_(pair)), {-1});
}

Tensor MlpRecommender::logits(Tape& tape, std::span<const std::int32_t> users,
                              std::span<const std::int32_t> items) const {
  const Tensor pair = concatenate({users_(tape, users), items_(tape, items)}, 1);
  return reshape(output_(tower_(pair)), {-1});
}

ModelRow mlp_row() {
  return {.name = "mlp",
          .summary = "a multi-layer perceptron on the vectors of a user and an item",
          .options = {{&model_options::factors, "32", {}, {"8", "16", "32", "64"}},
                      {&model_options::dropout, "0", {}, {"0", "0.1", "0.3", "0.5"}},
                      {&model_options::batch, "1280"},
                      {&model_options::negatives, "4", {}, {"2", "4", "8", "16"}}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
            return std::make_unique<MlpRecommender>(scope, inputs,
                                                    settings.whole(model_options::factors),
                                                    settings.number(model_options::dropout));
          },
          .features = FeatureUse::if_asked,
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                return vectors_of_all(
                    shape, 2.0 * static_cast<double>(settings.whole(model_options::factors)));
              },
          .loop = pairwise_loop(),
          .tuned_loop = tuned_pairwise_loop()};
}

}  // namespace tapegrad::apps
