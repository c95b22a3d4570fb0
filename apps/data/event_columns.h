// Columns of a table of events that say something of the user or the item of the event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tapegrad/apps/data/column_choices.h>
#include <tapegrad/apps/data/entity_rows.h>
#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// Gathers one row for each user or item from columns of events.
//
// Events of one item may disagree: most call it "MUG", one "mug, damaged". Of each column the field
// that most events have counts, and of fields that equally many have the one that the table of
// events has first. Empty fields do not count.
class EntityColumns {
 public:
  explicit EntityColumns(std::vector<std::string> names);

  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  // Counts a field of an event of `id`; `column` is its place among the names.
  void add(std::string_view id, std::size_t column, std::string_view field);
  // The rows that the events so far give, whose columns are the names; none for an id without a
  // field.
  EntityRows rows() const;

 private:
  struct Column {
    IdMap fields;
    // How many events have a field, by the number of the entity and that of the field.
    std::unordered_map<std::uint64_t, std::int64_t> counts;
  };

  std::vector<std::string> names_;
  IdMap ids_;
  std::vector<Column> columns_;
};

// The columns that have a role such as item.title or user.country.
struct EventColumns {
  // Those of `choices`: without item. where there is a table of items, without user. where there is
  // one of users, since these roles are then those of the tables.
  EventColumns(const ColumnChoices& choices, bool has_items, bool has_users);

  EntityColumns items, users;
};

}  // namespace tapegrad::apps
