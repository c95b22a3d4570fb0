// tg-sequence analyze
#include <filesystem>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/trajectories/trajectory_page.h>
#include <tapegrad/apps/trajectories/trajectory_report.h>

#include "commands.h"
#include "data_options.h"
#include "read_split.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description analyze_description() {
  po::options_description all = options_group(
      "tg-sequence analyze: funnel, transitions, lengths, frequent paths and repeats of sessions");
  add_help(all);
  add_analysis_data_options(all);
  const auto word = [](const char* name) { return po::value<std::string>()->value_name(name); };
  all.add_options()("funnel", word("TYPES"),
                    "the types of events on the way to a purchase, in their order, such as "
                    "view,cart,purchase; default: those that are known by name")(
      "path-length", po::value<int>()->value_name("N")->default_value(4),
      "how many items a frequent path has at most, from 2 to 100")(
      "min-support", po::value<double>()->value_name("NUMBER")->default_value(0.001),
      "the part of all sessions that takes a frequent path at least, from 0 to 1; it is taken by 2 "
      "or more")("top", po::value<int>()->value_name("N")->default_value(10),
                 "how many entries the lists show, from 1 on")(
      "json", "print a JSON object instead of text")(
      "csv", word("FOLDER"),
      "a folder to write the whole tables to, as CSV files; it is made where it is not there; "
      "default: none")("html", word("FILE"),
                       "a file to write a page with pictures to; default: none")(
      "quiet", "do not print what was read");
  return all;
}

}  // namespace

int run_analyze(const std::vector<std::string>& arguments) {
  const auto given = parse(analyze_description(), arguments);
  if (!given) return 0;
  TrajectoryOptions options;
  if (given->contains("funnel")) options.funnel = parse_ids((*given)["funnel"].as<std::string>());
  options.longest_path = static_cast<std::size_t>(bounded(*given, "path-length", 2, 100));
  options.least_support = bounded(*given, "min-support", 0.0, 1.0);
  const auto top = static_cast<std::size_t>(bounded(*given, "top", 1, 1000000));
  SequenceDataOptions data = analysis_data_options(*given);
  // Repeats are those of whole histories, so they are cut afterwards.
  options.gap = std::exchange(data.gap, std::nullopt);
  std::vector<std::string> outputs;
  if (given->contains("html")) outputs.push_back((*given)["html"].as<std::string>());
  check_files(data.data, outputs);
  Progress progress(given->contains("quiet"));
  SequenceReader reader(*given, data, {}, "", progress);
  const Sessions sessions = reader.sessions();
  std::cerr << reader.told();
  const Trajectories found = analyse(sessions, options);
  if (given->contains("csv")) {
    const std::filesystem::path folder = (*given)["csv"].as<std::string>();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      throw DataError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
    for (const TrajectoryTable& table : to_tables(found))
      write_text_file((folder / (table.name + ".csv")).string(), table.csv);
  }
  if (!outputs.empty())
    write_text_file(
        outputs.front(),
        to_page(found, fmt::format("Trajectories of {}", displayed_all(data.data)), top));
  std::cout << (given->contains("json") ? json_line(to_json(found, top)) : to_text(found, top));
  return 0;
}

}  // namespace tapegrad::apps
