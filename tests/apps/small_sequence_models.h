// Neural models of sequences, small enough for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/open_options.h>

namespace tapegrad::apps {

// The defaults of the model with small sizes; `length` is that of models that look at so many
// events.
inline ModelSettings small_sequence_settings(const std::string& name, const std::string& width,
                                             const std::string& length,
                                             const std::string& dropout = "0.2") {
  namespace names = sequence_options;
  const SequenceRow& row = sequence_row(name);
  ModelSettings settings = default_settings(row);
  for (const OptionDefault* open : open_options(row, settings))
    settings.set(*open->option, std::string(open->grid.front()));
  const std::vector<std::pair<const ModelOption*, std::string>> small = {
      {&names::width, width},     {&names::layers, "2"},     {&names::length, length},
      {&names::dropout, dropout}, {&names::loss, "softmax"}, {&names::negatives, "512"},
      {&names::batch, "64"}};
  for (const auto& [option, value] : small) {
    if (find_option(row, *option) != nullptr) settings.set(*option, value);
  }
  return settings;
}

inline std::unique_ptr<SequenceModel> small_sequence_model(const std::string& name,
                                                           const ModelSettings& settings,
                                                           Parameters& parameters, Index items) {
  return sequence_row(name).make(settings, parameters.root(), {.items = items});
}

}  // namespace tapegrad::apps
