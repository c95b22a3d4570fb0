#include <tapegrad/apps/command_line/command_line.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <set>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/printable_stream.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/training/training_loop.h>
#include <tapegrad/graph/printable.h>
#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

std::string version_line() { return "tapegrad " TAPEGRAD_VERSION "\n"; }

}  // namespace

void add_help(po::options_description& description) {
  description.add_options()("help,h", "this text")("version", "the version of the program");
}

std::optional<po::variables_map> parse(const po::options_description& description,
                                       const std::vector<std::string>& arguments) {
  po::variables_map given;
  po::store(po::command_line_parser(arguments).options(description).positional({}).run(), given);
  if (given.contains("help") || given.contains("version")) {
    if (given.contains("help"))
      std::cout << description;
    else
      std::cout << version_line();
    return std::nullopt;
  }
  po::notify(given);
  return given;
}

bool is_given(const po::variables_map& given, const std::string& name) {
  return given.contains(name) && !given[name].defaulted();
}

void refuse_given(const po::variables_map& given, const std::vector<std::string>& names,
                  const std::string& where) {
  for (const std::string& name : names) {
    if (is_given(given, name)) throw OptionError(fmt::format("--{} has no effect {}", name, where));
  }
}

std::vector<std::string> names_of(const po::options_description& description) {
  std::vector<std::string> names;
  for (const auto& option : description.options()) names.push_back(option->long_name());
  return names;
}

void add_unpacking_option(po::options_description& description) {
  description.add_options()(
      settings::max_unpacked.name, po::value<int>(),
      fmt::format("MiB that a gzip file may unpack to; {}", standard_max_unpacked >> 20).c_str());
}

std::size_t max_unpacked(const po::variables_map& given) {
  std::size_t mebibytes = standard_max_unpacked >> 20;
  set_bounded(mebibytes, given, settings::max_unpacked);
  return mebibytes << 20;
}

namespace {

Encoding encoding_of(const std::string& name) {
  if (name == "utf-8") return Encoding::utf8;
  if (name == "latin-1") return Encoding::latin1;
  throw OptionError(fmt::format("--encoding must be utf-8 or latin-1, got {}", in_quotes(name)));
}

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

void add_table_options(po::options_description& description) {
  description.add_options()(
      "delimiter", po::value<std::string>(),
      "what lies between the fields of a text: tab, comma, semicolon, pipe, space, blanks (any run "
      "of spaces and tabs) or the characters themselves, such as ::; found out if not given")(
      "header", po::value<bool>(),
      "whether the first line names the columns (yes or no); found out if not given");
  add_columns_option(description);
  description.add_options()(
      "exclude-items", po::value<std::string>(),
      "ids of items that are no products, such as POST,DOT: their rows are left out")(
      "query", po::value<std::string>(),
      "the SQL query whose rows are read, where the events are in a database");
  description.add_options()(
      "encoding", po::value<std::string>(),
      "how the text is encoded: utf-8 or latin-1; if not given, each field is read as UTF-8 where "
      "that fits and as Latin-1 otherwise")(
      "skip-bad-lines",
      "pass over malformed lines and count them, instead of stopping at the first");
  add_unpacking_option(description);
}

void add_sources_option(po::options_description& description, const std::string& name,
                        const std::string& what, bool required) {
  auto* value = po::value<std::vector<std::string>>()->multitoken();
  if (required) value->required();
  description.add_options()(name.c_str(), value, what.c_str());
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
      "columns", po::value<std::string>(),
      "which columns are read, as role=column pairs with commas between, such as "
      "user=CustomerID,item=2,time=none: a column is a name in the header, a number from 1 on, or "
      "none; roles that are not given are found by the usual names");
}

ColumnChoices column_choices(const po::variables_map& given) {
  return given.contains("columns") ? ColumnChoices(given["columns"].as<std::string>())
                                   : ColumnChoices();
}

void add_min_rating(po::options_description& description) {
  description.add_options()("min-rating", po::value<double>(),
                            "the least rating of a row that counts; not given: every row counts");
}

std::optional<double> min_rating_of(const po::variables_map& given) {
  if (!given.contains("min-rating")) return std::nullopt;
  return bounded(given, settings::min_rating.name, settings::min_rating.least,
                 settings::min_rating.greatest);
}

TableOptions table_options(const po::variables_map& given, std::string_view owner,
                           std::optional<double> min_rating, const std::string& unrated) {
  TableOptions table;
  if (given.contains("delimiter"))
    table.source.delimiter = Delimiter::named(given["delimiter"].as<std::string>());
  if (given.contains("header")) table.header = given["header"].as<bool>();
  if (given.contains("encoding"))
    table.source.encoding = encoding_of(given["encoding"].as<std::string>());
  table.columns = column_choices(given);
  if (!min_rating) table.columns.refuse("rating", unrated);
  std::vector<std::string_view> used = {owner, "item", "time", "rating", "quantity"};
  if (given.contains("items")) used.insert(used.end(), item_roles.begin(), item_roles.end());
  table.columns.require_used(used);
  table.skip_bad_lines = given.contains("skip-bad-lines");
  if (given.contains("exclude-items"))
    table.excluded_items = excluded_items_of(given["exclude-items"].as<std::string>());
  table.source.max_unpacked = max_unpacked(given);
  table.min_rating = min_rating;
  table.names_options = table.names_shape_options = true;
  return table;
}

void add_item_options(po::options_description& description) {
  description.add_options()("items", po::value<std::string>(),
                            "a table of items, to show titles beside ids: its columns have the "
                            "roles item.id and item.title");
}

std::string item_table_of(const po::variables_map& given) {
  if (given.contains("items")) return given["items"].as<std::string>();
  for (const std::string_view role : item_roles)
    column_choices(given).refuse(role, "without --items");
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

namespace {

int run(const std::string& usage, const std::vector<Command>& commands,
        const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  const std::string all =
      fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
  if (arguments.empty()) throw OptionError("a command is needed; there are " + all);
  if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    std::cout << usage;
    return 0;
  }
  if (arguments[0] == "--version") {
    std::cout << version_line();
    return 0;
  }
  const auto command = std::ranges::find(commands, arguments[0], &Command::name);
  if (command == commands.end())
    throw OptionError("there is no command " + in_quotes(arguments[0]) + "; there are " + all);
  return command->run({arguments.begin() + 1, arguments.end()});
}

bool processor_fits() {
#if defined(__x86_64__) && defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

// Pipes have no name that could be followed.
std::filesystem::path resolved(const std::string& path) {
  std::error_code error;
  const auto followed = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::absolute(path) : followed;
}

}  // namespace

void check_files(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  namespace fs = std::filesystem;
  std::vector<fs::path> taken;
  for (const std::string& path : inputs) {
    if (const std::string file = file_of(path); !file.empty()) taken.push_back(resolved(file));
  }
  for (const std::string& path : outputs) {
    const fs::path own = resolved(path);
    if (std::ranges::count(taken, own) > 0)
      throw OptionError(fmt::format("{} is named twice, and would be written over", path));
    taken.push_back(own);
    std::error_code error;
    const bool there = fs::exists(path, error);
    if (there && !fs::is_regular_file(path, error))
      throw DataError(fmt::format("{}: expected a regular file to write", path));
    if (there && ::access(path.c_str(), W_OK) != 0)
      throw DataError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
    const nn::ReplacedFile trial(path);  // is not committed
  }
}

int run_program(const std::string& program, const std::string& usage,
                const std::vector<Command>& commands, int argc, char** argv) {
  const PrintableStream output(std::cout), messages(std::cerr);
  const auto fail = [&](const std::exception& error, int code) {
    std::cerr << fmt::format("{}: {}\n", program, printable(error.what()));
    return code;
  };
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error of writing then, which is told
  try {
    if (!processor_fits()) {
      std::cerr << program
                << ": this build needs a processor with AVX2 and FMA; configure with "
                   "-DTAPEGRAD_ARCH=x86-64 for others\n";
      return 1;
    }
    const int code = run(usage, commands, {argv + 1, argv + argc});
    if (!std::cout.flush()) throw DataError("standard output cannot be written");
    return code;
  } catch (const OptionError& error) {
    return fail(error, 2);
  } catch (const po::error& error) {
    return fail(error, 2);
  } catch (const Interrupted& error) {
    return fail(error, 130);
  } catch (const std::exception& error) {
    return fail(error, 1);
  }
}

}  // namespace tapegrad::apps
