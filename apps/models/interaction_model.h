// Models that score pairs of a user and an item.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

// What a model is made of, within the bounds of settings.h; kept in its file.
struct ModelSettings {
  std::string name;  // "mf", "gmf", "mlp", "neumf"
  // Predictive factors: the width of the last layer before the output; 0: the model's own default.
  Index factors = 0;
  double dropout = 0.0;
};

class InteractionModel {
 public:
  virtual ~InteractionModel() = default;
  // The logits [pairs] of the pairs (users[i], items[i]).
  virtual Tensor logits(Tape& tape, std::span<const std::int32_t> users,
                        std::span<const std::int32_t> items) const = 0;
  // The logits [users, items] of all items; null Tensor if the model has no faster way than pair by
  // pair.
  virtual Tensor all_logits(Tape&, std::span<const std::int32_t>) const { return {}; }
};

// The names that make_model takes.
std::vector<std::string> model_names();
// Throws OptionError for an unknown name.
std::unique_ptr<InteractionModel> make_model(const ModelSettings& settings, const Scope& scope,
                                             Index users, Index items);
// Fills in what is 0. Throws OptionError for an unknown name and settings out of bounds.
ModelSettings with_defaults(ModelSettings given);

}  // namespace tapegrad::apps
