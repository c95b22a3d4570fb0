// Recommenders of every row of the registry, small enough for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/models/registry.h>

namespace tapegrad::apps {

// The model's defaults, with small sizes and nothing left to be chosen where a grid would choose.
inline ModelSettings small_settings(const ModelRow& row) {
  namespace names = model_options;
  ModelSettings settings = default_settings(row);
  const std::pair<const ModelOption*, const char*> small[] = {
      {&names::factors, "4"},    {&names::hidden, "8-4"},  {&names::dropout, "0.25"},
      {&names::lambda, "10"},    {&names::alpha, "0.1"},   {&names::sweeps, "2"},
      {&names::neighbours, "3"}, {&names::shrinkage, "1"}, {&names::weighting, "cosine"}};
  for (const auto& [option, value] : small) {
    if (row.find(*option) != nullptr) settings.set(*option, value);
  }
  return settings;
}

// A model that is made but not trained, or fitted at once.
inline std::unique_ptr<FittedModel> small_model(const ModelRow& row, const ModelSettings& settings,
                                                const ModelInputs& inputs) {
  if (!row.is_neural()) return row.fit(settings, inputs, nullptr);
  auto parameters = std::make_unique<Parameters>(inputs.seed);
  auto network = row.make(settings, parameters->root(), inputs);
  return std::make_unique<NeuralModel>(std::move(parameters), std::move(network), inputs.items());
}

}  // namespace tapegrad::apps
