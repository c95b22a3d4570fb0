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
                                                                         "temporal: the part of the events to test on");
  add_table_options(description, "user");
  description.add_options()("rating-column", po::value<std::string>()->default_value(""), "")(
      "title-column", po::value<std::string>()->default_value(""), "");
}

DataOptions data_options(const po::variables_map& given) {
  DataOptions options;
  options.path = given["data"].as<std::string>();
  if (given.contains("items")) options.items = given["items"].as<std::string>();
  options.protocol = given["protocol"].as<std::string>();
  if (options.protocol != "temporal") refuse_given(given, {"test-fraction"}, "with protocol " + options.protocol);
  // The form of that protocol's files is fixed.
  if (options.protocol == "ncf") {
    refuse_given(given, {"delimiter", "header", "user-column", "item-column", "time-column", "rating-column", "skip-bad-lines"},
                 "with protocol ncf");
  }
  if (options.items.empty()) refuse_given(given, {"title-column"}, "without --items");
  options.test_fraction = given["test-fraction"].as<double>();
  options.table = table_options(given, "user");
  options.table.rating_column = given["rating-column"].as<std::string>();
  options.table.title_column = given["title-column"].as<std::string>();
  return options;
}

std::vector<std::string> data_files(const DataOptions& options) {
  if (options.protocol == "ncf") return ncf_files(options.path);
  return {options.path};
}

Split read_split(const DataOptions& options) {
  if (options.protocol == "ncf") {
    Split split = read_ncf_split(options.path, options.table.max_unpacked);
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
  table.max_unpacked = options.table.max_unpacked;
  ReadReport report;
  const ItemTable known = read_item_table(options.items, table, &report);
  tell_skipped(options.items, report);
  std::vector<std::string> titles;
  for (Index i = 0; i < items.size(); ++i) titles.push_back(known.title(items.name(i)));
  return titles;
}

}  // namespace tapegrad::apps
