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

constexpr std::size_t owner_rule = 0, item_rule = 1, rating_rule = 2, time_rule = 3,
                      quantity_rule = 4;

std::array<ColumnRule, 5> event_rules(const TableOptions& options, EventOwner owner) {
  const bool rated = options.min_rating.has_value();
  const bool has_ratings = owner == EventOwner::user;
  return {owner == EventOwner::session ? column_rule(options, "session", session_names, 1, true)
                                       : column_rule(options, "user", user_names, 1, true),
          column_rule(options, "item", item_names, 2, true),
          column_rule(options, "rating", rating_names, has_ratings ? 3 : 0, rated),
          column_rule(options, "time", time_names, has_ratings ? 4 : 3, false),
          column_rule(options, "quantity", quantity_names, 0, false)};
}

// Adds the current row; nothing where it is malformed and bad lines are skipped.
void add_row(TableReader& reader, const TableOptions& options, const char* owner_word,
             Interactions& events) {
  if (trimmed(reader.field(reader.column(owner_rule))).empty()) {
    reader.leave_out();
    return;
  }
  const auto owner = read_id(reader, owner_rule, owner_word);
  if (!owner) return;
  const auto item = read_id(reader, item_rule, "an item");
  if (!item || reader.excludes(*item)) return;
  const std::optional<float> rating = read_rating(reader, rating_rule, options);
  if (!rating) return;
  const std::optional<double> time = read_time(reader, time_rule);
  if (!time) return;
  events.users.push_back(static_cast<std::int32_t>(events.user_ids.insert(*owner)));
  events.items.push_back(static_cast<std::int32_t>(events.item_ids.insert(*item)));
  if (reader.has(rating_rule)) events.ratings.push_back(*rating);
  if (reader.has(time_rule)) events.times.push_back(*time);
  if (reader.has(quantity_rule)) events.quantities.push_back(read_quantity(reader, quantity_rule));
}

}  // namespace

Interactions read_interactions(std::span<const std::string> locations, const TableOptions& options,
                               ReadReport* report, EventOwner owner) {
  const char* const owner_word = owner == EventOwner::session ? "a session" : "a user";
  Interactions result;
  const ReadReport read =
      read_table(locations, options, event_rules(options, owner),
                 [&](TableReader& reader) { add_row(reader, options, owner_word, result); });
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
  if (!source.quantities.empty()) target.quantities.push_back(source.quantities[at]);
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
