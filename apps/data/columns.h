#pragma once

#include <tapegrad/graph/dtype.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// How one column of a table is found.
//
// `choice` is what the user said: a header name, a 1-based number, "none" for no such column, or
// empty for the default: with a header the first column called one of `known_names`, without one
// the 1-based `position`. Names are compared first as they stand, then in lower case without '_',
// '-', '.' and spaces (userId is user_id); `known_names` are in that form, best first.
//
// A name that the header has twice is no choice. `names_option` lets errors say how --columns
// chooses the column.
struct ColumnRule {
  std::string_view role;
  std::string_view choice;
  std::span<const std::string_view> known_names;
  Index position = 0;  // 0: no column without a header
  bool required = false;
  bool names_option = false;
  // Whether the column may have another role as well, as a price of an event may be one of the
  // item.
  bool may_share = false;
};

// Whether `name` is one of the rule's known names.
bool is_known_name(const ColumnRule& rule, std::string_view name);

// Whether the rule's choice can only be met by a header: it is neither empty nor "none" nor a
// number.
bool needs_header(const ColumnRule& rule);

// The 0-based column of each rule, -1 for an optional one that is absent.
//
// `header` is empty for a table without one. A default never takes a column that was chosen for
// another rule. Throws DataError, its line beginning with `path`, for an unknown choice, a column
// chosen twice and a required column absent.
std::vector<Index> resolve_columns(std::span<const ColumnRule> rules,
                                   std::span<const std::string> header, Index column_count,
                                   const std::string& path);

}  // namespace tapegrad::apps
