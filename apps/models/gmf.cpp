#include <tapegrad/apps/models/gmf.h>

namespace tapegrad::apps {

Gmf::Gmf(const Scope& scope, Index users, Index items, Index factors)
    : users_(scope / "users", users, factors, {.weight = nn::normal(0.0, 0.01)}),
      items_(scope / "items", items, factors, {.weight = nn::normal(0.0, 0.01)}),
      output_(scope / "output", factors, 1) {}

Tensor Gmf::logits(Tape& tape, std::span<const std::int32_t> users,
                   std::span<const std::int32_t> items) const {
  return reshape(output_(users_(tape, users) * items_(tape, items)), {-1});
}

}  // namespace tapegrad::apps
