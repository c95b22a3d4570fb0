#include <tapegrad/apps/business/policy.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

constexpr std::array<std::string_view, 3> probability_names = {"probability", "prob", "share"};

// What the probabilities depend on, as a text: the fields of these columns.
std::string occasion_of(const TableReader& reader) {
  std::string occasion;
  for (const std::size_t rule : {std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
    if (reader.has(rule)) occasion += std::string(trimmed(reader.field(reader.column(rule))));
    occasion += '\n';
  }
  return occasion;
}

}  // namespace

Policy Policy::uniform(const Impressions& log) {
  Policy policy;
  policy.occasions_.assign(log.items.size(), 0);
  auto& choices = policy.choices_.emplace_back();
  for (Index item = 0; item < log.item_ids.size(); ++item)
    choices.push_back(
        {static_cast<std::int32_t>(item), 1.0 / static_cast<double>(log.item_ids.size())});
  return policy;
}

Policy Policy::read(const std::string& path, const TableOptions& options, Impressions& log) {
  const std::array rules = {column_rule(options, "item", item_names, 0, true),
                            column_rule(options, "probability", probability_names, 0, true),
                            column_rule(options, "impression", impression_names, 0, false),
                            column_rule(options, "user", user_names, 0, false),
                            column_rule(options, "position", position_names, 0, false)};
  Policy policy;
  IdMap occasions;
  bool by_impression = false, by_user = false, by_position = false;
  const ReadReport read = read_table(std::span(&path, 1), options, rules, [&](TableReader& reader) {
    by_impression = reader.has(2);
    by_user = reader.has(3);
    by_position = reader.has(4);
    const auto item = read_id(reader, 0, "an item");
    if (!item) return;
    const std::string_view field = reader.field(reader.column(1));
    const auto probability = parse_number(field);
    if (!probability || *probability < 0.0 || *probability > 1.0) {
      reader.reject(reader.column(1),
                    fmt::format("expected a probability within [0, 1], got {}", in_quotes(field)));
      return;
    }
    const auto occasion = static_cast<std::size_t>(occasions.insert(occasion_of(reader)));
    if (occasion == policy.choices_.size()) policy.choices_.emplace_back();
    policy.choices_[occasion].push_back(
        {static_cast<std::int32_t>(log.item_ids.insert(*item)), *probability});
  });
  require_rows(path, "probabilities", read);
  if ((by_impression && log.contexts.empty()) || (by_user && log.users.empty()))
    throw DataError(
        fmt::format("{}: the probabilities depend on the {}, of which the log has no column", path,
                    by_impression && log.contexts.empty() ? "impression" : "user"));
  for (std::size_t occasion = 0; occasion < policy.choices_.size(); ++occasion) {
    double sum = 0.0;
    for (const Choice& choice : policy.choices_[occasion]) sum += choice.probability;
    constexpr double tolerance = 1e-3;
    if (std::abs(sum - 1.0) > tolerance)
      throw DataError(
          fmt::format("{}: expected probabilities that sum to 1, got {:.6g} at occasion {}", path,
                      sum, occasion + 1));
  }
  for (Index i = 0; i < log.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::string occasion =
        (by_impression ? log.context_ids.name(log.contexts[at]) : std::string()) + '\n' +
        (by_user ? log.user_ids.name(log.users[at]) : std::string()) + '\n' +
        (by_position ? std::to_string(log.positions[at]) : std::string()) + '\n';
    const Index found = occasions.find(occasion);
    if (found < 0)
      throw DataError(fmt::format(
          "{}: expected probabilities for each impression of the log, got none for its row {}",
          path, i + 1));
    policy.occasions_.push_back(static_cast<std::int32_t>(found));
  }
  return policy;
}

const std::vector<Policy::Choice>& Policy::at(Index impression) const {
  return choices_[static_cast<std::size_t>(occasions_[static_cast<std::size_t>(impression)])];
}

double Policy::of_shown(const Impressions& log, Index impression) const {
  const std::int32_t shown = log.items[static_cast<std::size_t>(impression)];
  for (const Choice& choice : at(impression)) {
    if (choice.item == shown) return choice.probability;
  }
  return 0.0;
}

}  // namespace tapegrad::apps
