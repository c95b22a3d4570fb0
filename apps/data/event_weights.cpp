#include <tapegrad/apps/data/event_weights.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/pair_list.h>

namespace tapegrad::apps {
EventWeights::EventWeights(std::string_view text) {
  constexpr double greatest = 1e6;
  for (const auto& [type, value] :
       parse_pairs(text, "--event-weights", "view=1,cart=3,purchase=5")) {
    const std::optional<double> weight = parse_number(value);
    if (!weight || *weight < 0.0 || *weight > greatest)
      throw OptionError(
          fmt::format("--event-weights: expected a weight within [0, {}] for {}, got {}", greatest,
                      in_quotes(type), in_quotes(value)));
    if (!weights_.emplace(lower_case(type), *weight).second)
      throw OptionError(
          fmt::format("--event-weights: the type {} is given twice", in_quotes(type)));
  }
  if (std::ranges::all_of(weights_, [](const auto& one) { return one.second == 0.0; }))
    throw OptionError("--event-weights: expected a weight above 0, got none");
}

std::optional<double> EventWeights::of(std::string_view type) const {
  const auto found = weights_.find(lower_case(type));
  if (found == weights_.end()) return std::nullopt;
  return found->second;
}

std::vector<double> EventWeights::of_types(const IdMap& type_ids) const {
  std::vector<double> weights;
  for (Index type = 0; type < type_ids.size(); ++type)
    weights.push_back(of(type_ids.name(type)).value_or(0.0));
  return weights;
}

double EventWeights::heaviest() const {
  double weight = 0.0;
  for (const auto& one : weights_) weight = std::max(weight, one.second);
  return weight;
}

std::string EventWeights::text() const {
  std::string list;
  for (const auto& [type, weight] : weights_)
    list += fmt::format("{}{}={}", list.empty() ? "" : ",", type, weight);
  return list;
}

}  // namespace tapegrad::apps
