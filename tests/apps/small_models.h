// Recommenders of every row of the registry, small enough for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
      {&names::neighbours, "3"}, {&names::shrinkage, "1"}, {&names::weighting, "cosine"},
      {&names::loss, "softmax"}};
  for (const auto& [option, value] : small) {
    if (row.find(*option) != nullptr) settings.set(*option, value);
  }
  return settings;
}

// Features of `count` users or items: a number, a word and a text.
inline std::shared_ptr<const EntityFeatures> small_features(Index count) {
  std::vector<std::string> texts[3];
  for (Index i = 0; i < count; ++i) {
    texts[0].push_back(std::to_string(10 + i));
    texts[1].push_back(i % 2 == 0 ? "even" : "odd|small");
    texts[2].push_back(i % 3 == 0 ? "a red and round thing" : "a blue and round thing");
  }
  std::vector<FeatureEncoder> encoders;
  std::vector<std::vector<FeatureEntry>> rows(static_cast<std::size_t>(count));
  Index place = 0;
  const FeatureKind kinds[] = {FeatureKind::number, FeatureKind::categories, FeatureKind::text};
  for (std::size_t column = 0; column < 3; ++column) {
    const std::vector<std::string_view> fields(texts[column].begin(), texts[column].end());
    encoders.emplace_back("feature " + std::to_string(column), fields, kinds[column]);
    for (std::size_t row = 0; row < rows.size(); ++row)
      encoders.back().encode(fields[row], place, rows[row]);
    place += encoders.back().width();
  }
  return std::make_shared<const EntityFeatures>(std::move(encoders), rows);
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
