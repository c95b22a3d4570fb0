#include <tapegrad/apps/models/mlp_recommender.h>

namespace tapegrad::apps {

MlpRecommender::MlpRecommender(const Scope& scope, Index users, Index items, Index factors,
                               double dropout)
    : users_(scope / "users", users, 2 * factors, {.weight = nn::normal(0.0, 0.01)}),
      items_(scope / "items", items, 2 * factors, {.weight = nn::normal(0.0, 0.01)}),
      tower_(scope / "tower", {4 * factors, 2 * factors, factors},
             {.last = nn::Activation::relu,
              .dropout = dropout,
              .linear = {.weight = nn::xavier_uniform(), .bias_values = nn::zeros()}}),
      output_(scope / "output", factors, 1) {}

Tensor MlpRecommender::logits(Tape& tape, std::span<const std::int32_t> users,
                              std::span<const std::int32_t> items) const {
  const Tensor pair = concatenate({users_(tape, users), items_(tape, items)}, 1);
  return reshape(output_(tower_(pair)), {-1});
}

}  // namespace tapegrad::apps
