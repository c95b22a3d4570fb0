#include "data_options.h"

#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/ncf_split.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_data_options(po::options_description& description) {
  description.add_options()(
      "data", po::value<std::string>()->required(),
      "events (user, item[, rating][, time]) as CSV or TSV, plain or gzip; protocol ncf: the prefix of its three files")(
      "items", po::value<std::string>(), "a table of items: id, title")(
      "protocol", po::value<std::string>()->default_value("loo"),
      "ncf, loo (each user's last event) or temporal (the last events)")("test-fraction", po::value<double>()->default_value(0.1),
                                                                         "temporal: the part of the events to test on")(
      "delimiter", po::value<char>(), "of fields; found out if not given")(
      "header", po::value<bool>(), "whether the first line names columns; found out if not given")(
      "user-column", po::value<std::string>()->default_value(""), "name or number of a column; so also:")(
      "item-column", po::value<std::string>()->default_value(""), "")(
      "rating-column", po::value<std::string>()->default_value(""), "")("time-column",
                                                                        po::value<std::string>()->default_value(""), "")(
      "title-column", po::value<std::string>()->default_value(""), "")("skip-bad-lines",
                                                                       "count malformed lines instead of stopping at the first");
}

DataOptions data_options(const po::variables_map& given) {
  DataOptions options;
  options.path = given["data"].as<std::string>();
  if (given.contains("items")) options.items = given["items"].as<std::string>();
  options.protocol = given["protocol"].as<std::string>();
  options.test_fraction = given["test-fraction"].as<double>();
  if (given.contains("delimiter")) options.table.delimiter = given["delimiter"].as<char>();
  if (given.contains("header")) options.table.header = given["header"].as<bool>();
  options.table.user_column = given["user-column"].as<std::string>();
  options.table.item_column = given["item-column"].as<std::string>();
  options.table.rating_column = given["rating-column"].as<std::string>();
  options.table.time_column = given["time-column"].as<std::string>();
  options.table.title_column = given["title-column"].as<std::string>();
  options.table.skip_bad_lines = given.contains("skip-bad-lines");
  return options;
}

namespace {

void tell_skipped(const std::string& path, const ReadReport& report) {
  if (report.skipped == 0) return;
  std::cerr << fmt::format("{}: skipped {} malformed lines, the first: {}\n", path, report.skipped, report.first_reason);
}

}  // namespace

Split read_split(const DataOptions& options) {
  if (options.protocol == "ncf") {
    Split split = read_ncf_split(options.path);
    require_trainable(split.training);
    return split;
  }
  if (options.protocol != "loo" && options.protocol != "temporal") {
    throw OptionError(fmt::format("there is no protocol {}; there are ncf, loo and temporal", in_quotes(options.protocol)));
  }
  ReadReport report;
  const Interactions events = read_interactions(options.path, options.table, &report);
  tell_skipped(options.path, report);
  require_trainable(events);
  return options.protocol == "loo" ? leave_one_out_split(events) : temporal_split(events, options.test_fraction);
}

std::vector<std::string> read_titles(const DataOptions& options, const IdMap& items) {
  if (options.items.empty()) return {};
  TableOptions table;
  table.title_column = options.table.title_column;
  table.skip_bad_lines = options.table.skip_bad_lines;
  ReadReport report;
  const ItemTable known = read_item_table(options.items, table, &report);
  tell_skipped(options.items, report);
  std::vector<std::string> titles;
  for (Index i = 0; i < items.size(); ++i) titles.push_back(known.title(items.name(i)));
  return titles;
}

std::optional<po::variables_map> parse(const po::options_description& description, const std::vector<std::string>& arguments) {
  po::variables_map given;
  po::store(po::command_line_parser(arguments).options(description).positional({}).run(), given);
  if (given.contains("help")) {
    std::cout << description;
    return std::nullopt;
  }
  po::notify(given);
  return given;
}

int bounded(const po::variables_map& given, const std::string& name, int least, int greatest) {
  const int value = given[name].as<int>();
  if (value < least || value > greatest)
    throw OptionError(fmt::format("--{} must be within [{}, {}], got {}", name, least, greatest, value));
  return value;
}

}  // namespace tapegrad::apps
