#include <tapegrad/apps/data/time_format.h>

#include <ctime>
#include <utility>

#include <time.h>  // strptime, timegm

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

// Whether the format has one of the specifiers, such as %d, also as %Ed or %Od.
bool has_any(const std::string& format, std::string_view specifiers) {
  for (std::size_t at = 0; at + 1 < format.size(); ++at) {
    if (format[at] != '%') continue;
    ++at;
    if ((format[at] == 'E' || format[at] == 'O') && at + 1 < format.size()) ++at;
    if (specifiers.find(format[at]) != std::string_view::npos) return true;
  }
  return false;
}

bool names_day_of_year(const std::string& format) {
  return has_any(format, "j") && !has_any(format, "deDF");
}

bool names_a_day(const std::string& format) {
  if (has_any(format, "DF")) return true;
  if (!has_any(format, "Yy")) return false;
  return has_any(format, "j") || (has_any(format, "de") && has_any(format, "mbBh"));
}

}  // namespace

TimeFormat::TimeFormat(std::string format) : format_(std::move(format)) {
  if (!names_a_day(format_))
    throw OptionError(
        "--time-format: expected a format that names the day, such as \"%d/%m/%Y %H:%M\", got " +
        in_quotes(format_));
}

std::optional<double> TimeFormat::parse(std::string_view text) const {
  if (format_.empty()) return parse_time(text);
  const std::string own(trimmed(text));
  std::tm fields{};
  fields.tm_mday = 1;
  const char* const end = strptime(own.c_str(), format_.c_str(), &fields);
  if (end == nullptr || end != own.c_str() + own.size()) return std::nullopt;
  const auto offset = static_cast<double>(fields.tm_gmtoff);
  if (names_day_of_year(format_)) {
    fields.tm_mon = 0;
    fields.tm_mday = fields.tm_yday + 1;
  }
  // A day that there is not, such as 31/02, comes back as another one.
  std::tm there = fields;
  const auto seconds = static_cast<double>(timegm(&there));
  const bool is_same = there.tm_year == fields.tm_year &&
                       (names_day_of_year(format_) ||
                        (there.tm_mon == fields.tm_mon && there.tm_mday == fields.tm_mday));
  return is_same ? within_years(seconds - offset) : std::nullopt;
}

std::string TimeFormat::expected() const {
  return format_.empty() ? "seconds or an ISO 8601 time"
                         : "a time of the form " + in_quotes(format_);
}

}  // namespace tapegrad::apps
