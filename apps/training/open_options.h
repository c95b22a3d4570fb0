// Options that are left open until a validation part has decided.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// The options of a row whose values are "auto", and that have a grid.
template <class Row>
std::vector<const OptionDefault*> open_options(const Row& row, const ModelSettings& settings) {
  std::vector<const OptionDefault*> open;
  for (const OptionDefault& known : row.options) {
    if (!known.grid.empty() && settings.is_auto(*known.option)) open.push_back(&known);
  }
  return open;
}

// These with their values, such as "neighbours 100, idf 2".
inline std::string text_of(const std::vector<const OptionDefault*>& open,
                           const ModelSettings& settings) {
  std::vector<std::string> parts;
  for (const OptionDefault* one : open)
    parts.push_back(fmt::format("{} {}", one->option->name, settings.text(*one->option)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Whether one judgement beats another.
inline bool is_better(const Judgement& one, const Judgement& other) {
  return std::tie(one.value, one.among_equals) > std::tie(other.value, other.among_equals);
}

// Chooses open options one after another, the others being what was chosen before or the first of
// their grids: as many trials as the grids have values in all, instead of their product.
inline ModelSettings choose_in_turn(const std::vector<const OptionDefault*>& open,
                                    ModelSettings settings,
                                    const std::function<Judgement(const ModelSettings&)>& judge) {
  if (open.empty()) return settings;
  for (const OptionDefault* one : open) settings.set(*one->option, std::string(one->grid.front()));
  Judgement best = judge(settings);
  for (const OptionDefault* one : open) {
    for (std::size_t i = 1; i < one->grid.size(); ++i) {
      ModelSettings tried = settings;
      tried.set(*one->option, std::string(one->grid[i]));
      const Judgement judged = judge(tried);
      if (!is_better(judged, best)) continue;
      best = judged;
      settings = std::move(tried);
    }
  }
  return settings;
}

}  // namespace tapegrad::apps
