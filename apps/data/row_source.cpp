#include <tapegrad/apps/data/row_source.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/delimited_source.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/json_lines.h>
#include <tapegrad/apps/data/postgres_source.h>
#include <tapegrad/apps/data/sqlite_source.h>

namespace tapegrad::apps {
namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";

bool is_postgres(std::string_view location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

bool begins_with(std::string_view text, char character) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == character;
}

// An array of objects, as one JSON text; no table begins like this.
bool is_json_array(std::string_view text) {
  return begins_with(text, '[') && begins_with(text.substr(text.find('[') + 1), '{');
}

void refuse_text_options(const std::string& location, const SourceOptions& options,
                         const char* what) {
  const char* option = options.delimiter                      ? "--delimiter"
                       : options.encoding != Encoding::detect ? "--encoding"
                                                              : nullptr;
  if (option != nullptr)
    throw OptionError(
        fmt::format("{}: {} has no effect, since this is {}", displayed(location), option, what));
}

std::unique_ptr<RowSource> open_database(const std::string& location,
                                         const SourceOptions& options) {
  refuse_text_options(location, options, "a database");
  if (options.query.empty())
    throw OptionError(
        fmt::format("{}: a database needs --query, which says what to read", displayed(location)));
  if (is_postgres(location)) return std::make_unique<PostgresSource>(location, options.query);
  return std::make_unique<SqliteSource>(location.substr(sqlite_prefix.size()), options.query);
}

}  // namespace

const std::vector<std::string> RowSource::no_names;

std::unique_ptr<RowSource> open_source(const std::string& location, const SourceOptions& options) {
  if (is_database(location)) return open_database(location, options);
  std::string text = read_text_file(location, options.max_unpacked, options.progress);
  if (is_json_array(text))
    throw DataError(fmt::format(
        "{}: expected a table or JSON Lines, an object a line, got a JSON array of objects",
        displayed(location)));
  if (!begins_with(text, '{')) return std::make_unique<DelimitedSource>(std::move(text), options);
  refuse_text_options(location, options, "JSON Lines");
  return std::make_unique<JsonLines>(std::move(text));
}

bool is_database(std::string_view location) {
  return location.starts_with(sqlite_prefix) || is_postgres(location);
}

bool is_file(std::string_view location) { return location != "-" && !is_database(location); }

std::string file_of(std::string_view location) {
  if (location.starts_with(sqlite_prefix))
    return std::string(location.substr(sqlite_prefix.size()));
  return is_file(location) ? std::string(location) : "";
}

std::string displayed(std::string_view location) {
  if (location == "-") return "standard input";
  std::string shown(location);
  if (!is_postgres(location)) return shown;
  // postgresql://user:password@host/database?password=...
  const std::size_t begin = shown.find("//") + 2;
  const std::size_t at = shown.find('@', begin);
  const std::size_t colon = shown.find(':', begin);
  if (at != std::string::npos && colon < at) shown.erase(colon, at - colon);
  constexpr std::string_view parameter = "password=";
  if (const std::size_t place = shown.find(parameter); place != std::string::npos) {
    const std::size_t value = place + parameter.size();
    shown.replace(value, std::min(shown.find('&', value), shown.size()) - value, "...");
  }
  return shown;
}

std::string displayed_all(std::span<const std::string> locations) {
  std::string shown = displayed(locations.front());
  if (locations.size() > 1) shown += fmt::format(" and {} more", locations.size() - 1);
  return shown;
}

}  // namespace tapegrad::apps
