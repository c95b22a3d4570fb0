#include <tapegrad/apps/data/records.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

// Where the columns `names` stand in a header.
std::vector<Index> places_in(const std::vector<std::string>& header,
                             const std::vector<std::string>& names,
                             std::span<const std::string> locations) {
  std::vector<Index> places;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(header, name);
    if (found == header.end())
      throw DataError(
          fmt::format("{}: one of the sources has no column {}, which the first one has",
                      displayed_all(locations), in_quotes(name)));
    places.push_back(static_cast<Index>(found - header.begin()));
  }
  return places;
}

}  // namespace

Index Records::find(const std::string& name) const {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<Index>(found - names.begin());
  Index number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return -1;
  return number >= 1 && number <= static_cast<Index>(names.size()) ? number - 1 : -1;
}

Records read_records(std::span<const std::string> locations, const TableOptions& options,
                     std::span<const ColumnRule> rules) {
  Records records;
  std::vector<std::string> header;  // of the source that is read
  std::vector<Index> places;
  records.report = read_table(locations, options, rules, [&](TableReader& reader) {
    if (places.empty() || reader.header() != header) {
      header = reader.header();
      if (records.columns.empty()) {
        records.has_names = !header.empty();
        const std::size_t count = reader.fields().size();
        records.columns.resize(count);
        for (std::size_t c = 0; c < count; ++c)
          records.names.push_back(header.empty() ? std::to_string(c + 1)
                                                 : std::string(trimmed(header[c])));
      }
      if (header.empty()) {
        places.resize(reader.fields().size());
        for (std::size_t c = 0; c < places.size(); ++c) places[c] = static_cast<Index>(c);
      } else {
        std::vector<std::string> names;
        for (const std::string& name : header) names.emplace_back(trimmed(name));
        places = places_in(names, records.names, locations);
      }
    }
    if (places.size() != records.columns.size())
      throw DataError(fmt::format("{}: expected {} columns in all sources, got {}",
                                  displayed_all(locations), records.columns.size(), places.size()));
    for (std::size_t c = 0; c < places.size(); ++c)
      records.columns[c].emplace_back(trimmed(reader.field(places[c])));
  });
  if (records.count() == 0)
    throw DataError(fmt::format("{}: expected rows, got none", displayed_all(locations)));
  for (std::size_t c = 0; c < records.names.size(); ++c) {
    if (std::ranges::count(records.names, records.names[c]) > 1)
      throw DataError(fmt::format("{}: two columns are called {}", displayed_all(locations),
                                  in_quotes(records.names[c])));
  }
  return records;
}

}  // namespace tapegrad::apps
