#include <fmt/core.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/user_items.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tapegrad::apps {
namespace {

constexpr std::size_t owner_rule = 0, item_rule = 1, rating_rule = 2, time_rule = 3,
                      quantity_rule = 4, price_rule = 5, type_rule = 6, order_rule = 7,
                      label_rule = 8, first_gathered = 9;

std::vector<ColumnRule> event_rules(const TableOptions& options, EventOwner owner) {
  const bool rated = options.min_rating.has_value();
  const bool typed = options.event_weights.has_value();
  const bool has_ratings = owner == EventOwner::user;
  return {owner == EventOwner::session ? column_rule(options, "session", session_names, 1, true)
                                       : column_rule(options, "user", user_names, 1, true),
          column_rule(options, "item", item_names, 2, true),
          column_rule(options, "rating", rating_names, has_ratings ? 3 : 0, rated),
          column_rule(options, "time", time_names, has_ratings ? 4 : 3, false),
          column_rule(options, "quantity", quantity_names, 0, false),
          column_rule(options, "price", price_names, 0, false),
          column_rule(options, "type", type_names, 0, typed),
          column_rule(options, "order", order_names, 0, false),
          column_rule(options, "label", {}, 0, options.reads_labels)};
}

// The roles of gathered columns, the items' first.
std::vector<std::string> gathered_roles(const EventColumns* columns) {
  std::vector<std::string> roles;
  if (columns == nullptr) return roles;
  for (const std::string& name : columns->items.names()) roles.push_back("item." + name);
  for (const std::string& name : columns->users.names()) roles.push_back("user." + name);
  return roles;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// Makes events of the rows of a table.
class EventBuilder {
 public:
  EventBuilder(const TableOptions& options, EventOwner owner, EventColumns* columns)
      : options_(options),
        owner_(owner == EventOwner::session ? "a session" : "a user"),
        has_types_(true),
        columns_(columns) {}

  // Adds the current row; nothing where it is malformed and bad lines are skipped.
  void add(TableReader& reader) {
    if (trimmed(reader.field(reader.column(owner_rule))).empty()) {
      reader.leave_out();
      return;
    }
    const auto owner = read_id(reader, owner_rule, owner_);
    if (!owner) return;
    const auto item = read_id(reader, item_rule, "an item");
    if (!item || reader.excludes(*item)) return;
    const std::optional<float> rating = read_rating(reader, rating_rule, options_);
    if (!rating) return;
    const std::optional<double> time = read_time(reader, time_rule, options_);
    if (!time) return;
    const auto type = read_type(reader, type_rule, options_);
    if (!type) return;
    if (options_.reads_labels) {
      const std::optional<bool> label = read_label(reader, label_rule);
      if (!label) return;
      events_.labels.push_back(*label);
    }
    events_.users.push_back(static_cast<std::int32_t>(events_.user_ids.insert(*owner)));
    events_.items.push_back(static_cast<std::int32_t>(events_.item_ids.insert(*item)));
    if (reader.has(rating_rule)) events_.ratings.push_back(*rating);
    if (reader.has(time_rule)) events_.times.push_back(*time);
    if (reader.has(quantity_rule))
      events_.quantities.push_back(read_amount(reader, quantity_rule, options_));
    if (reader.has(price_rule)) events_.prices.push_back(read_amount(reader, price_rule, options_));
    if (reader.has(type_rule) && has_types_) add_type(*type);
    if (reader.has(order_rule)) note_order(trimmed(reader.field(reader.column(order_rule))));
    if (columns_ == nullptr) return;
    gather(reader, *item, first_gathered, columns_->items);
    gather(reader, *owner, first_gathered + columns_->items.names().size(), columns_->users);
  }

  Interactions finish() {
    if (has_plain_order_) cancel_orders();
    return std::move(events_);
  }

 private:
  static void gather(const TableReader& reader, std::string_view id, std::size_t first,
                     EntityColumns& columns) {
    for (std::size_t i = 0; i < columns.names().size(); ++i) {
      if (reader.has(first + i)) columns.add(id, i, reader.field(reader.column(first + i)));
    }
  }

  // A column that was taken for types, and has more of them than a shop has, is something else.
  void add_type(std::string_view type) {
    constexpr Index most_types = 100;
    events_.types.push_back(static_cast<std::int16_t>(events_.type_ids.insert(type)));
    if (events_.type_ids.size() <= most_types) return;
    if (!options_.columns.of("type").empty())
      throw DataError(fmt::format("expected at most {} types of events in the column {}, got more",
                                  most_types, in_quotes(options_.columns.of("type"))));
    has_types_ = false;
    events_.types.clear();
    events_.type_ids = IdMap();
  }

  void note_order(std::string_view order) {
    if (is_number(order)) has_plain_order_ = true;
    const bool is_marked = order.starts_with('C') || order.starts_with('c');
    if (is_marked && is_number(order.substr(1))) cancelled_.push_back(events_.users.size() - 1);
  }

  void cancel_orders() {
    if (cancelled_.empty()) return;
    events_.cancelled = static_cast<Index>(cancelled_.size());
    if (events_.quantities.empty()) events_.quantities.assign(events_.users.size(), 1.0F);
    for (const std::size_t row : cancelled_) {
      float& quantity = events_.quantities[row];
      quantity = std::isnan(quantity) ? -1.0F : -std::abs(quantity);
    }
  }

  const TableOptions& options_;
  const char* const owner_;
  bool has_types_;
  EventColumns* const columns_;
  bool has_plain_order_ = false;
  std::vector<std::size_t> cancelled_;
  Interactions events_;
};

template <class Value>
std::vector<Value> subset(const std::vector<Value>& values, const std::vector<bool>& kept,
                          std::size_t count) {
  std::vector<Value> result;
  if (values.empty()) return result;
  result.reserve(count);
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (kept[row]) result.push_back(values[row]);
  }
  return result;
}

}  // namespace

Interactions read_interactions(std::span<const std::string> locations, const TableOptions& options,
                               ReadReport* report, EventOwner owner, EventColumns* columns) {
  EventBuilder builder(options, owner, columns);
  std::vector<ColumnRule> rules = event_rules(options, owner);
  const std::vector<std::string> roles = gathered_roles(columns);
  for (const std::string& role : roles) {
    rules.push_back(column_rule(options, role, {}, 0, false));
    rules.back().may_share = true;
  }
  const ReadReport read =
      read_table(locations, options, rules, [&](TableReader& reader) { builder.add(reader); });
  if (report != nullptr) *report = read;
  require_rows(displayed_all(locations), "events", read);
  return builder.finish();
}

Interactions read_interactions(const std::string& location, const TableOptions& options,
                               ReadReport* report) {
  return read_interactions(std::span(&location, 1), options, report);
}

Interactions subset(const Interactions& events, const std::vector<bool>& kept) {
  const auto count = static_cast<std::size_t>(std::ranges::count(kept, true));
  Interactions result;
  result.users = subset(events.users, kept, count);
  result.items = subset(events.items, kept, count);
  result.ratings = subset(events.ratings, kept, count);
  result.quantities = subset(events.quantities, kept, count);
  result.prices = subset(events.prices, kept, count);
  result.types = subset(events.types, kept, count);
  result.times = subset(events.times, kept, count);
  result.weights = subset(events.weights, kept, count);
  result.targets = subset(events.targets, kept, count);
  result.labels = subset(events.labels, kept, count);
  result.user_ids = events.user_ids;
  result.item_ids = events.item_ids;
  result.type_ids = events.type_ids;
  result.weighed_at = events.weighed_at;
  result.added_users = events.added_users;
  result.added_items = events.added_items;
  return result;
}

void require_trainable(const Interactions& interactions) {
  std::vector<bool> has_event(static_cast<std::size_t>(interactions.user_ids.size()), false);
  for (const std::int32_t user : interactions.users)
    has_event[static_cast<std::size_t>(user)] = true;
  const Index users = std::ranges::count(has_event, true);
  if (users < 2)
    throw DataError(fmt::format("expected events of at least 2 users to train on, got {}", users));
  const Index items = interactions.item_ids.size();
  if (items < 2)
    throw DataError(fmt::format("expected at least 2 items to train on, got {}", items));
  // Only a table with so many events can have them all.
  if (interactions.size() / users >= items && UserItems(interactions).size() == users * items) {
    throw DataError(fmt::format(
        "expected an item that some user has not chosen, got {} users with all {} items each",
        users, items));
  }
}

}  // namespace tapegrad::apps
