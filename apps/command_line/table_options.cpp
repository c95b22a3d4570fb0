#include <tapegrad/apps/command_line/table_options.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/record_reader.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_unpacking_option(po::options_description& description) {
  description.add_options()(settings::max_unpacked.name, po::value<int>()->value_name("N"),
                            fmt::format("how many MiB a gzip file may unpack to; default: {}",
                                        standard_max_unpacked >> 20)
                                .c_str());
}

std::size_t max_unpacked(const po::variables_map& given) {
  std::size_t mebibytes = standard_max_unpacked >> 20;
  set_bounded(mebibytes, given, settings::max_unpacked);
  return mebibytes << 20;
}

Encoding encoding_of(const po::variables_map& given) {
  if (!given.contains("encoding")) return Encoding::detect;
  const auto name = given["encoding"].as<std::string>();
  if (name == "utf-8") return Encoding::utf8;
  if (name == "latin-1") return Encoding::latin1;
  throw OptionError(fmt::format("--encoding must be utf-8 or latin-1, got {}", in_quotes(name)));
}

namespace {

// Ids between commas; one that holds a comma stands in double quotes.
std::set<std::string, std::less<>> excluded_items_of(const std::string& text) {
  RecordReader reader(text, ',');
  Record record;
  if (reader.next(record) != ReadState::record || reader.position() != text.size())
    throw OptionError(
        fmt::format("--exclude-items: expected ids with commas between, got {}", in_quotes(text)));
  std::set<std::string, std::less<>> ids;
  for (const std::string_view field : record.fields) {
    if (const std::string_view id = trimmed(field); !id.empty()) ids.emplace(id);
  }
  return ids;
}

}  // namespace

void add_plain_table_options(po::options_description& description) {
  description.add_options()(
      "delimiter", po::value<std::string>()->value_name("CHARACTERS"),
      "what lies between the fields of a text: tab, comma, semicolon, pipe, space, blanks (any run "
      "of spaces and tabs) or the characters themselves, such as ::; default: it is detected")(
      "header", po::value<bool>()->value_name("YES|NO"),
      "whether the first line names the columns (yes or no); default: it is detected")(
      "query", po::value<std::string>()->value_name("SQL"),
      "the SQL query whose rows are read (required where they are in a database)")(
      "encoding", po::value<std::string>()->value_name("NAME"),
      "how the text is encoded: utf-8 or latin-1; default: each field is read as UTF-8 where that "
      "fits and as Latin-1 otherwise")(
      "skip-bad-lines",
      "pass over malformed lines and count them, instead of stopping at the first");
  add_unpacking_option(description);
}

TableOptions plain_table_options(const po::variables_map& given) {
  TableOptions table;
  if (given.contains("delimiter"))
    table.source.delimiter = Delimiter::named(given["delimiter"].as<std::string>());
  if (given.contains("header")) table.header = given["header"].as<bool>();
  table.source.encoding = encoding_of(given);
  table.skip_bad_lines = given.contains("skip-bad-lines");
  table.source.max_unpacked = max_unpacked(given);
  table.names_options = table.names_shape_options = true;
  return table;
}

void add_table_options(po::options_description& description) {
  add_plain_table_options(description);
  add_columns_option(description);
  description.add_options()("exclude-items", po::value<std::string>()->value_name("IDS"),
                            "ids of items that are no products, such as POST,DOT, whose rows are "
                            "left out; default: none")(
      "time-format", po::value<std::string>()->value_name("FORMAT"),
      "how times are written, as strptime(3) takes it, such as \"%d/%m/%Y %H:%M\"; default: "
      "seconds since 1970 (or milliseconds, microseconds, nanoseconds) or ISO 8601")(
      "decimal", po::value<std::string>()->value_name("SIGN"),
      "the sign before the decimals of prices, quantities and ratings: point or comma; default: "
      "told from each number");
}

void add_sources_option(po::options_description& description, const std::string& name,
                        const std::string& what) {
  description.add_options()(
      name.c_str(), po::value<std::vector<std::string>>()->multitoken()->value_name("SOURCE..."),
      what.c_str());
}

std::vector<std::string> sources_of(const po::variables_map& given, const std::string& name) {
  if (!given.contains(name)) return {};
  auto sources = given[name].as<std::vector<std::string>>();
  if (sources.size() > 1 && std::ranges::count(sources, "-") > 0)
    throw OptionError(fmt::format("--{}: standard input is read alone, without other files", name));
  std::set<std::string> seen;
  for (const std::string& source : sources) {
    if (!seen.insert(source).second)
      throw OptionError(fmt::format("--{}: {} is named twice, and its rows would count twice", name,
                                    displayed(source)));
  }
  return sources;
}

std::string query_of(const po::variables_map& given, const std::string& name,
                     std::span<const std::string> locations) {
  const auto database = std::ranges::find_if(locations, is_database);
  if (database != locations.end()) {
    if (given.contains(name)) return given[name].as<std::string>();
    throw OptionError(fmt::format("{}: a database needs --{}, which says what to read",
                                  displayed(*database), name));
  }
  refuse_given(given, {name}, "without a database: sqlite:FILE or postgresql://...");
  return "";
}

void add_columns_option(po::options_description& description) {
  description.add_options()(
      "columns", po::value<std::string>()->value_name("ROLE=COLUMN,..."),
      "which columns are read, as role=column pairs with commas between, such as "
      "user=CustomerID,item=2,time=none: a column is a name in the header, a number from 1 on, or "
      "none; item.NAME and user.NAME are what the rows say of an item or a user, such as "
      "item.title=Description; default: roles that are not given are found by the usual names");
}

ColumnChoices column_choices(const po::variables_map& given) {
  return given.contains("columns") ? ColumnChoices(given["columns"].as<std::string>())
                                   : ColumnChoices();
}

namespace {

DecimalSign decimal_sign_of(const std::string& name) {
  if (name == "point") return DecimalSign::point;
  if (name == "comma") return DecimalSign::comma;
  throw OptionError(fmt::format("--decimal must be point or comma, got {}", in_quotes(name)));
}

}  // namespace

TableOptions table_options(const po::variables_map& given, std::span<const std::string_view> used,
                           const LikeOptions& likes, const std::string& unrated, bool gathers) {
  TableOptions table = plain_table_options(given);
  if (given.contains("time-format"))
    table.time_format = TimeFormat(given["time-format"].as<std::string>());
  if (given.contains("decimal"))
    table.decimal_sign = decimal_sign_of(given["decimal"].as<std::string>());
  table.columns = column_choices(given);
  if (!likes.min_rating && !unrated.empty()) table.columns.refuse("rating", unrated);
  std::vector<std::string_view> all(used.begin(), used.end());
  if (given.contains("items")) all.insert(all.end(), item_roles.begin(), item_roles.end());
  if (given.contains("users")) all.push_back(user_id_role);
  for (const auto& [option, owner] : {std::pair("items", "item."), std::pair("users", "user.")}) {
    if (!gathers || !given.contains(option)) continue;
    for (const std::string& name : table.columns.features_of(owner)) {
      if (std::ranges::count(item_roles, owner + name) == 0)
        table.columns.refuse(
            owner + name,
            fmt::format("with --{}: --features chooses the columns of that table", option));
    }
  }
  if (!given.contains("users")) table.columns.refuse(user_id_role, "without --users");
  const EventColumns gathered = event_columns(given);
  std::vector<std::string> roles;
  for (const std::string& name : gathered.items.names()) roles.push_back("item." + name);
  for (const std::string& name : gathered.users.names()) roles.push_back("user." + name);
  if (gathers) all.insert(all.end(), roles.begin(), roles.end());
  table.columns.require_used(all);
  table.min_rating = likes.min_rating;
  table.event_weights = likes.event_weights;
  if (given.contains("exclude-items"))
    table.excluded_items = excluded_items_of(given["exclude-items"].as<std::string>());
  return table;
}

EventColumns event_columns(const po::variables_map& given) {
  return {column_choices(given), given.contains("items"), given.contains("users")};
}

void refuse_event_columns(const po::variables_map& given, bool takes_titles,
                          const std::string& where) {
  const EventColumns gathered = event_columns(given);
  const ColumnChoices choices = column_choices(given);
  for (const std::string& name : gathered.items.names()) {
    if (!takes_titles || name != "title") choices.refuse("item." + name, where);
  }
  for (const std::string& name : gathered.users.names()) choices.refuse("user." + name, where);
}

void add_item_options(po::options_description& description) {
  description.add_options()("items", po::value<std::string>()->value_name("FILE"),
                            "a table of items with titles, features, stock, categories or prices, "
                            "in which the column of ids has the role item.id; default: none");
}

std::string item_table_of(const po::variables_map& given, bool gathers) {
  if (given.contains("items")) return given["items"].as<std::string>();
  for (const std::string_view role : item_roles) {
    if (!gathers || role == item_roles[0]) column_choices(given).refuse(role, "without --items");
  }
  return "";
}

TableOptions item_table_options(const po::variables_map& given) {
  TableOptions table;
  table.columns = column_choices(given);
  table.skip_bad_lines = given.contains("skip-bad-lines");
  table.source.max_unpacked = max_unpacked(given);
  table.names_options = true;
  return table;
}

}  // namespace tapegrad::apps
