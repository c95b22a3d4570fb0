#include <tapegrad/apps/command_line/reading.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/alike_ids.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/times.h>

namespace tapegrad::apps {
std::string describe_times(std::span<const double> times) {
  if (times.empty()) return "without times";
  const auto [first, last] = std::ranges::minmax(times);
  return fmt::format("from {} to {}", time_text(first), time_text(last));
}

namespace {

std::string counts_of_types(const Interactions& events) {
  std::vector<Index> counts(static_cast<std::size_t>(events.type_ids.size()), 0);
  for (const std::int16_t type : events.types) ++counts[static_cast<std::size_t>(type)];
  std::vector<std::string> parts;
  for (Index type = 0; type < events.type_ids.size(); ++type)
    parts.push_back(fmt::format("{} {}", counts[static_cast<std::size_t>(type)],
                                in_quotes(events.type_ids.name(type))));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string describe_events(const std::string& path, const Interactions& events,
                            const LikeOptions& likes) {
  std::string text;
  if (!events.types.empty() && !likes.event_weights)
    text += fmt::format(
        "{}: events of the types {} all count the same; --event-weights says how much each "
        "counts\n",
        path, counts_of_types(events));
  if (!events.types.empty() && likes.event_weights)
    text += fmt::format("{}: events of the types {}\n", path, counts_of_types(events));
  if (events.cancelled > 0)
    text += fmt::format("{}: {} rows are of cancelled orders (C and a number)\n", path,
                        events.cancelled);
  const Index unpriced =
      std::ranges::count_if(events.prices, [](float price) { return !(price > 0.0F); });
  if (unpriced > 0)
    text += fmt::format(
        "{}: {} of {} prices are 0, below or no numbers: such events bring no revenue\n", path,
        unpriced, events.size());
  for (const auto& [what, ids] :
       {std::pair("user", &events.user_ids), {"item", &events.item_ids}}) {
    if (const std::string alike = describe_alike(what, *ids); !alike.empty())
      text += fmt::format("{}: {}\n", path, alike);
  }
  return text;
}

std::string describe_read(const std::string& path, const ReadReport& report,
                          const std::string& counts, bool quiet) {
  const std::string skipped = report.skipped == 0
                                  ? "skipped no lines"
                                  : fmt::format("skipped {} malformed lines, the first: {}",
                                                report.skipped, report.first_reason);
  std::string text;
  if (!quiet)
    text = fmt::format("{}: read {} rows{}: {}; {}\n", path, report.rows,
                       report.columns.empty() ? "" : " of " + report.columns, counts, skipped);
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
