#include <tapegrad/apps/models/neumf.h>

namespace tapegrad::apps {

NeuMf::NeuMf(const Scope& scope, const ModelInputs& inputs, Index factors, double dropout)
    : gmf_users_(scope / "gmf_users", users_with_items(*inputs.pairs), factors, 0.01,
                 inputs.user_features),
      gmf_items_(scope / "gmf_items", items_with_users(*inputs.pairs), factors, 0.01,
                 inputs.item_features),
      mlp_users_(scope / "mlp_users", users_with_items(*inputs.pairs), 2 * factors, 0.01,
                 inputs.user_features),
      mlp_items_(scope / "mlp_items", items_with_users(*inputs.pairs), 2 * factors, 0.01,
                 inputs.item_features),
      tower_(scope / "tower", {4 * factors, 2 * factors, factors},
             {.last = nn::Activation::relu,
              .dropout = dropout,
              .linear = {.weight = nn::xavier_uniform(), .bias_values = nn::zeros()}}),
      output_(scope / "output", 2 * factors, 1) {}

std::vector<InputPart> NeuMf::input_parts(const Subject& subject, std::int32_t item) const {
  return pair_parts(gmf_users_, gmf_items_, subject, item);
}

Tensor NeuMf::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  const Tensor gmf = gmf_users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature) *
                     gmf_items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature);
  const Tensor mlp = tower_(
      concatenate({mlp_users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature),
                   mlp_items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature)},
                  1));
  return reshape(output_(concatenate({gmf, mlp}, 1)), {-1});
}

Tensor NeuMf::logits(Tape& tape, std::span<const std::int32_t> user_ids,
                     std::span<const std::int32_t> item_ids) const {
  const Tensor gmf = gmf_users_(tape, user_ids) * gmf_items_(tape, item_ids);
  const Tensor mlp =
      tower_(concatenate({mlp_users_(tape, user_ids), mlp_items_(tape, item_ids)}, 1));
  return reshape(output_(concatenate({gmf, mlp}, 1)), {-1});
}

ModelRow neumf_row() {
  return {.name = "neumf",
          .summary = "neural matrix factorisation: gmf and mlp side by side",
          .options = {{&model_options::factors, "32", {}, {"8", "16", "32", "64"}},
                      {&model_options::dropout, "0", {}, {"0", "0.1", "0.3", "0.5"}},
                      {&model_options::batch, "1280"},
                      {&model_options::negatives, "4", {}, {"2", "4", "8", "16"}}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
            return std::make_unique<NeuMf>(scope, inputs, settings.whole(model_options::factors),
                                           settings.number(model_options::dropout));
          },
          .features = FeatureUse::if_asked,
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                return vectors_of_all(
                    shape, 3.0 * static_cast<double>(settings.whole(model_options::factors)));
              },
          .loop = pairwise_loop(),
          .tuned_loop = tuned_pairwise_loop()};
}

}  // namespace tapegrad::apps
