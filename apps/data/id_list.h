// Lists of ids as people type them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// Ids between commas or blanks; one that holds either stands in double quotes, "" inside for one
// quote. Throws DataError for a quote that is left open.
std::vector<std::string> parse_ids(std::string_view line);

}  // namespace tapegrad::apps
