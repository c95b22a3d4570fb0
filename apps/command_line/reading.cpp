#include <tapegrad/apps/command_line/reading.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

std::string time_text(double time) {
  constexpr double first = 1e8, last = 1e10;
  if (!(time >= first && time < last)) return fmt::format("{}", time);
  namespace chrono = std::chrono;
  const chrono::sys_seconds seconds{chrono::seconds(static_cast<std::int64_t>(time))};
  const auto day = chrono::floor<chrono::days>(seconds);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

std::string describe_times(std::span<const double> times) {
  if (times.empty()) return "without times";
  const auto [first, last] = std::ranges::minmax(times);
  return fmt::format("from {} to {}", time_text(first), time_text(last));
}

std::string describe_read(const std::string& path, const ReadReport& report,
                          const std::string& counts, bool quiet) {
  const std::string skipped = report.skipped == 0
                                  ? "skipped no lines"
                                  : fmt::format("skipped {} malformed lines, the first: {}",
                                                report.skipped, report.first_reason);
  std::string text;
  if (!quiet)
    text = fmt::format("{}: read {} rows of {}: {}; {}\n", path, report.rows, report.columns,
                       counts, skipped);
  if (quiet && report.skipped > 0) text = fmt::format("{}: {}\n", path, skipped);
  if (report.left_out > 0 && !quiet)
    text +=
        fmt::format("{}: {} rows without a user or session are left out\n", path, report.left_out);
  if (report.excluded > 0 && !quiet)
    text += fmt::format("{}: {} rows of excluded items are left out\n", path, report.excluded);
  if (report.latin1_fields > 0 && !quiet)
    text += fmt::format(
        "{}: {} fields are not UTF-8 and were read as Latin-1, the first in line {}; --encoding "
        "says what the table is\n",
        path, report.latin1_fields, report.first_latin1_line);
  if (!report.first_line.empty()) text += fmt::format("{}: {}\n", path, report.first_line);
  return text;
}

std::string describe_not_positive(const std::string& path, Index count, Index rows) {
  if (count == 0) return "";
  return fmt::format(
      "{}: {} of {} rows have a rating of 0 or below and count like the others; "
      "--min-rating says which "
      "rows count\n",
      path, count, rows);
}

void show_reading(TableOptions& options, Progress& progress, const std::string& path) {
  progress.begin("reading " + path);
  options.source.progress = [&progress](Index done, Index all) { progress.update(done, all); };
}

}  // namespace tapegrad::apps
