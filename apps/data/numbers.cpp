#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/numbers.h>
#include <charconv>
#include <chrono>
#include <cmath>
#include <system_error>

namespace tapegrad::apps {
namespace {

// Takes characters off the front of a text; once something did not fit, `ok` stays false.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  bool take(char character) {
    if (rest.empty() || rest.front() != character) return false;
    rest.remove_prefix(1);
    return true;
  }

  void need(char character) { ok = take(character) && ok; }

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest.empty() || !is_digit(rest.front())) {
        ok = false;
        return 0;
      }
      value = 10 * value + (rest.front() - '0');
      rest.remove_prefix(1);
    }
    return value;
  }
};

double day_seconds(Cursor& cursor) {
  const int year = cursor.digits(4);
  cursor.need('-');
  const int month = cursor.digits(2);
  cursor.need('-');
  const int day = cursor.digits(2);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  cursor.ok = cursor.ok && date.ok();
  return cursor.ok
             ? 86400.0 * static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count())
             : 0.0;
}

double clock_seconds(Cursor& cursor) {
  const int hours = cursor.digits(2);
  cursor.need(':');
  const int minutes = cursor.digits(2);
  double seconds = 0.0;
  if (cursor.take(':')) {
    seconds = cursor.digits(2);
    if (cursor.take('.')) {
      double place = 0.1;
      seconds += place * cursor.digits(1);
      while (!cursor.rest.empty() && is_digit(cursor.rest.front()))
        seconds += (place *= 0.1) * cursor.digits(1);
    }
  }
  // 60 seconds: a leap second.
  cursor.ok = cursor.ok && hours < 24 && minutes < 60 && seconds < 61.0;
  return 3600.0 * hours + 60.0 * minutes + seconds;
}

double offset_seconds(Cursor& cursor) {
  if (cursor.rest.empty() || cursor.take('Z')) return 0.0;
  const double sign = cursor.take('-') ? -1.0 : 1.0;
  if (sign > 0.0) cursor.need('+');
  const int hours = cursor.digits(2);
  cursor.take(':');
  const int minutes = cursor.rest.empty() ? 0 : cursor.digits(2);
  return sign * (3600.0 * hours + 60.0 * minutes);
}

std::optional<double> parse_iso_time(std::string_view text) {
  Cursor cursor{text};
  double seconds = day_seconds(cursor);
  if (cursor.take('T') || cursor.take(' ')) {
    seconds += clock_seconds(cursor);
    seconds -= offset_seconds(cursor);
  }
  if (!cursor.ok || !cursor.rest.empty()) return std::nullopt;
  return within_years(seconds);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
  };
  std::size_t begin = 0, end = text.size();
  while (begin < end && is_blank(text[begin])) ++begin;
  while (end > begin && is_blank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

std::optional<double> parse_number(std::string_view text) {
  text = trimmed(text);
  // std::from_chars knows no leading plus.
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<double> parse_time(std::string_view text) {
  text = trimmed(text);
  const std::optional<double> number = parse_number(text);
  if (!number) return parse_iso_time(text);
  constexpr double greatest_seconds = 1e11;
  double seconds = *number;
  for (int unit = 0; unit < 3 && std::abs(seconds) >= greatest_seconds; ++unit) seconds /= 1000.0;
  return std::abs(seconds) < greatest_seconds ? within_years(seconds) : std::nullopt;
}

std::optional<double> within_years(double seconds) {
  constexpr double first = -62135596800.0, last = 253402300799.0;
  if (!(seconds >= first && seconds <= last)) return std::nullopt;
  return seconds;
}

}  // namespace tapegrad::apps
