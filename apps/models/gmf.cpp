#include <tapegrad/apps/models/gmf.h>

namespace tapegrad::apps {

Gmf::Gmf(const Scope& scope, const ModelInputs& inputs, Index factors)
    : users_(scope / "users", inputs.users(), factors, {.weight = nn::normal(0.0, 0.01)},
             inputs.user_features),
      items_(scope / "items", inputs.items(), factors, {.weight = nn::normal(0.0, 0.01)},
             inputs.item_features),
      output_(scope / "output", factors, 1) {}

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
          .loop = pairwise_loop(),
          .tuned_loop = tuned_pairwise_loop()};
}

}  // namespace tapegrad::apps
