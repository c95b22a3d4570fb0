#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// The roles that columns of a table of events can have, those of a log of impressions among them.
inline constexpr std::array<std::string_view, 16> event_roles = {
    "user",     "session",    "order",      "item",       "type",  "time",
    "price",    "quantity",   "rating",     "label",      "click", "purchase",
    "position", "propensity", "impression", "probability"};

// What stands for no column.
inline constexpr std::string_view no_column = "none";

// Which column of a table has which role: what a command's option --columns says.
//
// Roles are those of events, and "item." or "user." followed by the name of a feature: of the item
// table (user table) if there is one, otherwise of the item (user) in the table of events.
class ColumnChoices {
 public:
  ColumnChoices() = default;

  // From role=column pairs with commas between, such as "user=CustomerID,item=2,time=none". A
  // column is a header name, a 1-based number, or "none". As in a CSV line, a pair that holds a
  // comma stands in double quotes. Throws OptionError for what is no such pair, for an unknown
  // role, and for a role that is given twice.
  explicit ColumnChoices(std::string_view text);

  // The column of a role, empty for a role that has none.
  std::string_view of(std::string_view role) const;

  // The names of the roles that begin with `owner`, such as "item.", without it, without the role
  // of the id and without those whose column is "none": what a table of events says of its items.
  std::vector<std::string> features_of(std::string_view owner) const;

  // Throws OptionError for the first role that is none of `used`.
  void require_used(std::span<const std::string_view> used) const;

  // Throws OptionError if the role is given though it has no effect `where`, as in "without
  // --items".
  void refuse(std::string_view role, std::string_view where) const;

 private:
  std::map<std::string, std::string, std::less<>> columns_;
};

}  // namespace tapegrad::apps
