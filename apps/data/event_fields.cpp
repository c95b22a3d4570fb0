#include <tapegrad/apps/data/event_fields.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

bool has_id(TableReader& reader, std::size_t rule, const char* what) {
  const Index column = reader.column(rule);
  if (!trimmed(reader.field(column)).empty()) return true;
  reader.reject(column, fmt::format("expected {} id, got an empty field", what));
  return false;
}

std::optional<double> read_time(TableReader& reader, std::size_t rule) {
  const Index column = reader.column(rule);
  if (column < 0) return 0.0;
  const std::optional<double> time = parse_time(reader.field(column));
  if (!time) reader.reject(column, "expected seconds or an ISO 8601 time for time, got " + in_quotes(reader.field(column)));
  return time;
}

void require_rows(const std::string& path, const ReadReport& report) {
  if (report.rows > 0) return;
  if (report.skipped == 0) throw DataError(fmt::format("{}: expected events, got a table without rows", path));
  throw DataError(
      fmt::format("{}: expected events, got {} malformed lines only; the first: {}", path, report.skipped, report.first_reason));
}

}  // namespace tapegrad::apps
