#include <tapegrad/apps/models/gmf.h>

namespace tapegrad::apps {

Gmf::Gmf(const Scope& scope, const ModelInputs& inputs, Index factors)
    : users_(scope / "users", users_with_items(*inputs.pairs), factors, 0.01, inputs.user_features),
      items_(scope / "items", items_with_users(*inputs.pairs), factors, 0.01, inputs.item_features),
      output_(scope / "output", factors, 1) {}

std::vector<InputPart> Gmf::input_parts(const Subject& subject, std::int32_t item) const {
  return pair_parts(users_, items_, subject, item);
}

Tensor Gmf::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  return reshape(output_(users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature) *
                         items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature)),
                 {-1});
}

Tensor Gmf::logits(Tape& tape, std::span<const std::int32_t> users,
                   std::span<const std::int32_t> items) const {
  return reshape(output_(users_(tape, users) * items_(tape, items)), {-1});
}

ModelRow gmf_row() {
  return {.name = "gmf",
          .summary = "generalised matrix factorisation: the product of two vectors, weighted",
          .options = {{&model_options::factors, "32", {}, {"8", "16", "32", "64"}},

                      {&model_options::batch, "1280"},
                      {&model_options::negatives, "4", {}, {"2", "4", "8", "16"}}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
            return std::make_unique<Gmf>(scope, inputs, settings.whole(model_options::factors));
          },
          .features = FeatureUse::if_asked,
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                return vectors_of_all(
                    shape, 1.0 * static_cast<double>(settings.whole(model_options::factors)));
              },
          .loop = pairwise_loop(),
          .tuned_loop = tuned_pairwise_loop()};
}

}  // namespace tapegrad::apps
