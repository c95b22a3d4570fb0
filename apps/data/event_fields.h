// What readers of event tables check in each row, and at the end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// The id in a rule's column, without blanks around it; nothing where it is empty or runs over a
// line's end, and the row is refused. `what` as in "a user".
std::optional<std::string_view> read_id(TableReader& reader, std::size_t rule, const char* what);

// The rating in a rule's column, NaN without one. Only where options.min_rating asks for ratings is
// what is no number refused, with nothing as the result; elsewhere it is NaN.
std::optional<float> read_rating(TableReader& reader, std::size_t rule,
                                 const TableOptions& options);

// The price or the pieces in a rule's column, which must be there; NaN for what is no number.
float read_amount(const TableReader& reader, std::size_t rule, const TableOptions& options);

// The seconds of a rule's column, 0 without one; nothing where the field is malformed, and the row
// is refused.
std::optional<double> read_time(TableReader& reader, std::size_t rule, const TableOptions& options);

// The type of an event in a rule's column, without blanks around it, empty without a column. Only
// where options.event_weights gives types is one that it does not list refused, with nothing as the
// result.
std::optional<std::string_view> read_type(TableReader& reader, std::size_t rule,
                                          const TableOptions& options);

// Whether the label in a rule's column is one of 1, true, yes (any case) or one of 0, false, no and
// the empty field; nothing for another text, and the row is refused.
std::optional<bool> read_label(TableReader& reader, std::size_t rule);

// Throws DataError for a table without a good row. `what` the rows are: "events", "items".
void require_rows(const std::string& path, const char* what, const ReadReport& report);

}  // namespace tapegrad::apps
