// Lengths of time as options say them.
#pragma once

#include <string_view>

namespace tapegrad::apps {

// The seconds of a number above 0 and its unit: s, m (minutes), h, d, w or y (365.25 days), as in
// "90d". Throws OptionError for another text; `option` is its name in the error, with the dashes.
double parse_duration(std::string_view text, std::string_view option);

}  // namespace tapegrad::apps
