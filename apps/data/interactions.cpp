#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/user_items.h>
#include <array>
#include <cmath>
#include <optional>

namespace tapegrad::apps {
namespace {

constexpr std::size_t user_rule = 0;
constexpr std::size_t item_rule = 1;
constexpr std::size_t rating_rule = 2;
constexpr std::size_t time_rule = 3;

std::array<ColumnRule, 4> event_rules(const TableOptions& options) {
  return {ColumnRule{"user", options.user_column, user_names, 1, true},
          ColumnRule{"item", options.item_column, item_names, 2, true},
          ColumnRule{"rating", options.rating_column, rating_names, 3, false},
          ColumnRule{"time", options.time_column, time_names, 4, false}};
}

// The values of one row; absent columns stay 0.
struct Event {
  float rating = 0.0F;
  double time = 0.0;
};

// Nothing where the row is malformed and bad lines are skipped.
std::optional<Event> read_event(TableReader& reader) {
  Event event;
  if (!has_id(reader, user_rule, "a user") || !has_id(reader, item_rule, "an item")) return std::nullopt;
  if (const Index column = reader.column(rating_rule); column >= 0) {
    const std::optional<double> rating = parse_number(reader.field(column));
    event.rating = static_cast<float>(rating.value_or(0.0));
    if (!rating || !std::isfinite(event.rating)) {
      reader.reject(column, "expected a number for rating, got " + in_quotes(reader.field(column)));
      return std::nullopt;
    }
  }
  const std::optional<double> time = read_time(reader, time_rule);
  if (!time) return std::nullopt;
  event.time = *time;
  return event;
}

}  // namespace

Interactions read_interactions(const std::string& path, const TableOptions& options, ReadReport* report) {
  const std::array<ColumnRule, 4> rules = event_rules(options);
  TableReader reader(path, options, rules);
  Interactions result;
  while (reader.next()) {
    const std::optional<Event> event = read_event(reader);
    if (!event) continue;
    result.users.push_back(static_cast<std::int32_t>(result.user_ids.insert(reader.field(reader.column(user_rule)))));
    result.items.push_back(static_cast<std::int32_t>(result.item_ids.insert(reader.field(reader.column(item_rule)))));
    if (reader.column(rating_rule) >= 0) result.ratings.push_back(event->rating);
    if (reader.column(time_rule) >= 0) result.times.push_back(event->time);
  }
  const ReadReport read = reader.report();
  if (report != nullptr) *report = read;
  require_rows(path, read);
  return result;
}

void append_event(Interactions& target, const Interactions& source, Index row) {
  const auto at = static_cast<std::size_t>(row);
  target.users.push_back(source.users[at]);
  target.items.push_back(source.items[at]);
  if (!source.ratings.empty()) target.ratings.push_back(source.ratings[at]);
  if (!source.times.empty()) target.times.push_back(source.times[at]);
}

void require_trainable(const Interactions& interactions) {
  const UserItems pairs(interactions);
  Index users = 0;
  for (Index user = 0; user < pairs.user_count(); ++user) users += pairs.of(user).empty() ? 0 : 1;
  if (users < 2) throw DataError(fmt::format("expected events of at least 2 users to train on, got {}", users));
  const Index items = pairs.item_count();
  if (items < 2) throw DataError(fmt::format("expected at least 2 items to train on, got {}", items));
  if (pairs.size() == users * items) {
    throw DataError(
        fmt::format("expected an item that some user has not chosen, got {} users with all {} items each", users, items));
  }
}

}  // namespace tapegrad::apps
