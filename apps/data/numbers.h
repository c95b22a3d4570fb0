#pragma once

#include <optional>
#include <string_view>

namespace tapegrad::apps {

// `text` without blanks (spaces, tabs, line ends) around it.
std::string_view trimmed(std::string_view text);

// A finite decimal number, blanks around it allowed; nothing for anything else (empty, NaN,
// infinity, "3 stars").
std::optional<double> parse_number(std::string_view text);

// A time as seconds since 1970-01-01T00:00:00Z.
//
// Either a finite number of seconds, or of milliseconds where it is 10^11 or more in size (seconds
// of the year 5138 and later are no times of events), or ISO 8601: YYYY-MM-DD, then optionally 'T'
// or one space and HH:MM[:SS[.fff]], then optionally Z or an offset as +HH:MM, +HHMM or +HH.
// Without an offset the time counts as UTC.
std::optional<double> parse_time(std::string_view text);

}  // namespace tapegrad::apps
