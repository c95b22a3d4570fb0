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
// Either a number or ISO 8601: YYYY-MM-DD, then optionally 'T' or one space and HH:MM[:SS[.fff]],
// then optionally Z or an offset as +HH:MM, +HHMM or +HH. Without an offset the time counts as UTC.
// Numbers below 10^11 in size are seconds, those below 10^14 milliseconds, below 10^17
// microseconds and below 10^20 nanoseconds: each unit reaches to the year 5138. Nothing for greater
// numbers and for times outside of the years 1 to 9999.
std::optional<double> parse_time(std::string_view text);

// The seconds if they are within the years 1 to 9999.
std::optional<double> within_years(double seconds);

}  // namespace tapegrad::apps
