// The form that a table's times are written in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tapegrad::apps {

class TimeFormat {
 public:
  // Seconds or ISO 8601, as parse_time() reads them.
  TimeFormat() = default;

  // A format of strptime(3), such as "%d/%m/%Y %H:%M". Throws OptionError for one that names no
  // day: it needs a day, a month and a year, as %D and %F are, or a year and the day of it (%j).
  explicit TimeFormat(std::string format);

  // Seconds since 1970-01-01T00:00:00Z, within the years 1 to 9999; without a zone (%z) the time
  // counts as UTC. Nothing for a text of another form and for days that there are not.
  std::optional<double> parse(std::string_view text) const;

  // What is expected, as in `seconds or an ISO 8601 time`.
  std::string expected() const;

 private:
  std::string format_{};
};

}  // namespace tapegrad::apps
