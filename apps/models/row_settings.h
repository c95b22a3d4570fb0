// The options of a model in its file.
#pragma once

#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/model_options.h>

namespace tapegrad::apps {

// All options that the row of a registry knows.
template <class Row>
void put_settings(nn::WeightFile& file, const Row& row, const ModelSettings& settings) {
  for (const OptionDefault& known : row.options)
    file.metadata[std::string(known.option->name)] = settings.text(*known.option);
}

// The same from a file. Those that what a model predicts depends on have a value that was found.
// Throws Error, which names it, for an option that is not there or not as it was saved, and
// OptionError for a value out of bounds.
template <class Row>
ModelSettings get_settings(const nn::WeightFile& file, const Row& row) {
  ModelSettings settings;
  for (const OptionDefault& known : row.options) {
    const std::string name(known.option->name);
    const std::string text = metadata_of(file, name);
    settings.set(*known.option, text);
    const bool is_open = known.option->is_kept && settings.is_auto(*known.option);
    if (is_open || settings.text(*known.option) != text)
      throw Error(
          fmt::format("its {} must be a value as it was saved, got {}", name, in_quotes(text)));
  }
  return settings;
}

}  // namespace tapegrad::apps
