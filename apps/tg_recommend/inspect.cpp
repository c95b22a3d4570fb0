// tg-recommend inspect
#include <array>
#include <iostream>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/returns.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/inspection/inspection.h>

#include "commands.h"
#include "feature_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::array<std::string_view, 7> inspected_roles = {"user",     "item",  "time", "type",
                                                             "quantity", "price", "order"};

po::options_description inspect_description() {
  po::options_description all = options_group("tg-recommend inspect: what is in a table of events");
  add_help(all);
  add_sources_option(all, "data",
                     "the events (user, item[, time]): files of delimited text or JSON Lines, "
                     "plain or gzip; - for "
                     "standard input; sqlite:FILE or postgresql://... with --query (required)");
  add_item_options(all);
  all.add_options()(
      "features", po::value<std::string>()->value_name("NAME=COLUMN,..."),
      "which columns of items are features, in the form that train takes; default: all but the "
      "ids")("svg", po::value<std::string>()->value_name("FILE"),
             "a file for a picture of the events over time and of how many events the items have; "
             "default: "
             "no picture")("quiet", "do not print what was read")(
      "json", "print a JSON object instead of text");
  add_table_options(all);
  return all;
}

}  // namespace

int run_inspect(const std::vector<std::string>& arguments) {
  const auto given = parse(inspect_description(), arguments);
  if (!given) return 0;
  const std::vector<std::string> sources = sources_of(*given, "data");
  if (sources.empty()) throw OptionError("the option --data is needed");
  const std::string item_table = item_table_of(*given, true);
  if (given->contains("svg")) {
    std::vector<std::string> inputs = sources;
    inputs.push_back(item_table);
    check_files(inputs, {(*given)["svg"].as<std::string>()});
  }
  TableOptions table = table_options(*given, inspected_roles, {}, "in inspect", true);
  EventColumns columns = event_columns(*given);
  for (const std::string& name : columns.users.names())
    table.columns.refuse("user." + name, "in inspect");
  table.source.query = query_of(*given, "query", sources);
  Progress progress(given->contains("quiet"));
  const std::string shown = displayed_all(sources);
  const bool quiet = given->contains("quiet");
  show_reading(table, progress, shown);
  ReadReport report;
  const Interactions events =
      read_interactions(sources, table, &report, EventOwner::user, &columns);
  progress.clear();
  std::cerr << describe_read(shown, report, describe_times(events.times), quiet);
  if (!quiet)
    std::cerr << describe_returns(shown, find_returns(events))
              << describe_events(shown, events, {});
  const std::optional<FeatureTable> items = read_item_features(*given, columns);
  const Inspection found = inspect(events, items ? &*items : nullptr);
  if (given->contains("svg"))
    write_text_file((*given)["svg"].as<std::string>(), to_svg(found, events));
  std::cout << (given->contains("json") ? json_line(to_json(found)) : to_text(found));
  return 0;
}

}  // namespace tapegrad::apps
