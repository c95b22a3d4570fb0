#include <tapegrad/apps/data/event_fields.h>

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

std::optional<std::string_view> read_id(TableReader& reader, std::size_t rule, const char* what) {
  const Index column = reader.column(rule);
  const std::string_view id = trimmed(reader.field(column));
  if (id.empty()) {
    reader.reject(column, fmt::format("expected {} id, got an empty field", what));
    return std::nullopt;
  }
  // A quote that was left open makes ids of whole rows.
  if (id.find_first_of("\r\n") != std::string_view::npos) {
    reader.reject(column, fmt::format("expected {} id within a line, got {}", what, in_quotes(id)));
    return std::nullopt;
  }
  return id;
}

std::optional<float> read_rating(TableReader& reader, std::size_t rule,
                                 const TableOptions& options) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  const Index column = reader.column(rule);
  if (column < 0) return none;
  const float rating =
      static_cast<float>(parse_amount(reader.field(column), options.decimal_sign).value_or(none));
  if (std::isfinite(rating)) return rating;
  if (!options.min_rating) return none;
  reader.reject(column, "expected a number for rating, got " + in_quotes(reader.field(column)));
  return std::nullopt;
}

float read_amount(const TableReader& reader, std::size_t rule, const TableOptions& options) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(
      parse_amount(reader.field(reader.column(rule)), options.decimal_sign).value_or(none));
}

std::optional<double> read_time(TableReader& reader, std::size_t rule,
                                const TableOptions& options) {
  const Index column = reader.column(rule);
  if (column < 0) return 0.0;
  const std::optional<double> time = options.time_format.parse(reader.field(column));
  if (!time)
    reader.reject(column,
                  fmt::format("expected {} for time, got {}", options.time_format.expected(),
                              in_quotes(reader.field(column))));
  return time;
}

std::optional<std::string_view> read_type(TableReader& reader, std::size_t rule,
                                          const TableOptions& options) {
  const Index column = reader.column(rule);
  if (column < 0) return std::string_view();
  const std::string_view type = trimmed(reader.field(column));
  if (!options.event_weights || options.event_weights->of(type)) return type;
  reader.reject(column, fmt::format("expected a type that --event-weights lists ({}), got {}",
                                    options.event_weights->text(), in_quotes(type)));
  return std::nullopt;
}

std::optional<bool> read_label(TableReader& reader, std::size_t rule) {
  const Index column = reader.column(rule);
  const std::string_view text = trimmed(reader.field(column));
  const std::string word = lower_case(text);
  if (word == "1" || word == "true" || word == "yes") return true;
  if (word.empty() || word == "0" || word == "false" || word == "no") return false;
  reader.reject(column, fmt::format("expected a label (1, true or yes; 0, false or no), got {}",
                                    in_quotes(text)));
  return std::nullopt;
}

void require_rows(const std::string& path, const char* what, const ReadReport& report) {
  if (report.rows > 0) return;
  if (report.excluded > 0)
    throw DataError(
        fmt::format("{}: expected {}, got {} rows of excluded items", path, what, report.excluded));
  if (report.left_out > 0)
    throw DataError(
        fmt::format("{}: expected {}, got {} rows that are nobody's", path, what, report.left_out));
  if (report.skipped == 0)
    throw DataError(fmt::format("{}: expected {}, got a table without rows", path, what));
  throw DataError(fmt::format("{}: expected {}, got {} malformed lines only; the first: {}", path,
                              what, report.skipped, report.first_reason));
}

}  // namespace tapegrad::apps
