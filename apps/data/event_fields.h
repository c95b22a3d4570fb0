// What readers of event tables check in each row, and at the end.
#pragma once

#include <optional>
#include <string>

#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// Whether the row has an id in a rule's column; else the row is refused. `what` as in "a user".
bool has_id(TableReader& reader, std::size_t rule, const char* what);

// The seconds of a rule's column, 0 without one; nothing where the field is malformed, and the row is refused.
std::optional<double> read_time(TableReader& reader, std::size_t rule);

// Throws DataError for a table without a good row.
void require_rows(const std::string& path, const ReadReport& report);

}  // namespace tapegrad::apps
