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

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::array<std::string_view, 7> used_roles = {"user",     "item",  "time", "type",
                                                        "quantity", "price", "order"};

po::options_description description() {
  po::options_description all("tg-recommend inspect: what is in a table of events");
  add_help(all);
  add_sources_option(all, "data",
                     "the events (user, item[, time]): files, - for standard input, or a database");
  add_item_options(all);
  all.add_options()("features", po::value<std::string>(),
                    "which columns of --items are features, as train takes them; default: all but "
                    "the ids")("svg", po::value<std::string>(),
                               "a file for a picture of events over time and of events an item")(
      "quiet", "do not say what was read")("json", "a JSON object instead of text");
  add_table_options(all);
  return all;
}

}  // namespace

int run_inspect(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const std::vector<std::string> sources = sources_of(*given, "data");
  if (sources.empty()) throw OptionError("the option --data is needed");
  const std::string item_table = item_table_of(*given);
  if (item_table.empty()) refuse_given(*given, {"features"}, "without --items");
  if (given->contains("svg")) {
    std::vector<std::string> inputs = sources;
    inputs.push_back(item_table);
    check_files(inputs, {(*given)["svg"].as<std::string>()});
  }
  TableOptions table = table_options(*given, used_roles, {}, "in inspect");
  table.source.query = query_of(*given, "query", sources);
  Progress progress(given->contains("quiet"));
  const std::string shown = displayed_all(sources);
  const bool quiet = given->contains("quiet");
  show_reading(table, progress, shown);
  ReadReport report;
  const Interactions events = read_interactions(sources, table, &report);
  progress.clear();
  std::cerr << describe_read(shown, report, describe_times(events.times), quiet);
  if (!quiet)
    std::cerr << describe_returns(shown, find_returns(events))
              << describe_events(shown, events, {});
  std::optional<FeatureTable> items;
  if (!item_table.empty()) {
    const auto choices = given->contains("features")
                             ? parse_features((*given)["features"].as<std::string>())
                             : std::vector<FeatureChoice>();
    items = read_feature_table(item_table, Entity::item, choices, item_table_options(*given));
    for (const std::string& note : items->notes)
      std::cerr << fmt::format("{}: {}\n", item_table, note);
  }
  const Inspection found = inspect(events, items ? &*items : nullptr);
  if (given->contains("svg"))
    write_text_file((*given)["svg"].as<std::string>(), to_svg(found, events));
  std::cout << (given->contains("json") ? json_line(to_json(found)) : to_text(found));
  return 0;
}

}  // namespace tapegrad::apps
