#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/user_items.h>
#include <array>
#include <optional>

namespace tapegrad::apps {
namespace {

constexpr std::size_t user_rule = 0;
constexpr std::size_t item_rule = 1;
constexpr std::size_t rating_rule = 2;
constexpr std::size_t time_rule = 3;

std::array<ColumnRule, 4> event_rules(const TableOptions& options) {
  const bool rated = options.min_rating.has_value();
  return {column_rule(options, "user", user_names, 1, true),
          column_rule(options, "item", item_names, 2, true),
          column_rule(options, "rating", rating_names, 3, rated),
          column_rule(options, "time", time_names, 4, false)};
}

// Adds the current row; nothing where it is malformed and bad lines are skipped.
void add_row(TableReader& reader, const TableOptions& options, Interactions& events) {
  const auto user = read_id(reader, user_rule, "a user");
  if (!user) return;
  const auto item = read_id(reader, item_rule, "an item");
  if (!item) return;
  const std::optional<float> rating = read_rating(reader, rating_rule, options);
  if (!rating) return;
  const std::optional<double> time = read_time(reader, time_rule);
  if (!time) return;
  events.users.push_back(static_cast<std::int32_t>(events.user_ids.insert(*user)));
  events.items.push_back(static_cast<std::int32_t>(events.item_ids.insert(*item)));
  if (reader.column(rating_rule) >= 0) events.ratings.push_back(*rating);
  if (reader.column(time_rule) >= 0) events.times.push_back(*time);
}

}  // namespace

Interactions read_interactions(std::span<const std::string> locations, const TableOptions& options,
                               ReadReport* report) {
  Interactions result;
  const ReadReport read =
      read_table(locations, options, event_rules(options),
                 [&](TableReader& reader) { add_row(reader, options, result); });
  if (report != nullptr) *report = read;
  require_rows(displayed_all(locations), "events", read);
  return result;
}

Interactions read_interactions(const std::string& location, const TableOptions& options,
                               ReadReport* report) {
  return read_interactions(std::span(&location, 1), options, report);
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
  if (users < 2)
    throw DataError(fmt::format("expected events of at least 2 users to train on, got {}", users));
  const Index items = pairs.item_count();
  if (items < 2)
    throw DataError(fmt::format("expected at least 2 items to train on, got {}", items));
  if (pairs.size() == users * items) {
    throw DataError(fmt::format(
        "expected an item that some user has not chosen, got {} users with all {} items each",
        users, items));
  }
}

}  // namespace tapegrad::apps
