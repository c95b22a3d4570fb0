// What the rows of all registries share: a name, and options with defaults.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/model_options.h>

namespace tapegrad::apps {

// Null for an option that the row's model does not know.
template <class Row>
const OptionDefault* find_option(const Row& row, const ModelOption& option) {
  const auto found = std::ranges::find(row.options, &option, &OptionDefault::option);
  return found == row.options.end() ? nullptr : &*found;
}

// Throws OptionError, which lists the names, for a name that no row has.
template <class Row>
const Row& row_named(const std::vector<Row>& rows, const std::string& name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  if (found != rows.end()) return *found;
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  throw OptionError(
      fmt::format("there is no model {}; there are {}", in_quotes(name), fmt::join(names, ", ")));
}

template <class Row>
ModelSettings default_settings(const Row& row) {
  ModelSettings settings;
  for (const OptionDefault& known : row.options)
    settings.set(*known.option, std::string(known.value));
  return settings;
}

// What must be the same for a checkpoint to go on.
template <class Row>
std::string identity_of(const Row& row, const ModelSettings& settings) {
  std::string identity = fmt::format("model {}", row.name);
  for (const OptionDefault& known : row.options)
    identity += fmt::format("; {} {}", known.option->name, settings.text(*known.option));
  return identity;
}

}  // namespace tapegrad::apps
