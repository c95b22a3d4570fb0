#include <tapegrad/apps/models/interaction_model.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/gmf.h>
#include <tapegrad/apps/models/matrix_factorisation.h>
#include <tapegrad/apps/models/mlp_recommender.h>
#include <tapegrad/apps/models/neumf.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {

std::vector<std::string> model_names() { return {"mf", "gmf", "mlp", "neumf"}; }

ModelSettings with_defaults(ModelSettings given) {
  const auto names = model_names();
  if (std::ranges::find(names, given.name) == names.end()) {
    throw OptionError(fmt::format("there is no model {}; there are {}", in_quotes(given.name),
                                  fmt::join(names, ", ")));
  }
  if (given.factors == 0) given.factors = given.name == "mf" ? 192 : 32;
  settings::factors.check(given.factors);
  settings::dropout.check(given.dropout);
  return given;
}

std::unique_ptr<InteractionModel> make_model(const ModelSettings& settings, const Scope& scope,
                                             Index users, Index items) {
  const ModelSettings full = with_defaults(settings);
  if (full.name == "mf")
    return std::make_unique<MatrixFactorisation>(scope, users, items, full.factors, full.dropout);
  if (full.name == "gmf") return std::make_unique<Gmf>(scope, users, items, full.factors);
  if (full.name == "mlp")
    return std::make_unique<MlpRecommender>(scope, users, items, full.factors, full.dropout);
  return std::make_unique<NeuMf>(scope, users, items, full.factors, full.dropout);
}

}  // namespace tapegrad::apps
