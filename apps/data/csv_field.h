// Fields of CSV files that are written.
#pragma once

#include <string>
#include <string_view>

namespace tapegrad::apps {

// The text as a field: in double quotes, quotes in it doubled, where it holds a comma, a quote or a
// line's end, or blanks at an end.
std::string csv_field(std::string_view text);

}  // namespace tapegrad::apps
