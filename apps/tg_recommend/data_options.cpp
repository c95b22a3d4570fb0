#include "data_options.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/cut_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/cold_split.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/ncf_split.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_data_options(po::options_description& description, const std::string& standard) {
  add_sources_option(
      description, "data",
      "the events (user, item[, rating][, time]): files of delimited text or JSON Lines, plain or "
      "gzip; - for standard input; sqlite:FILE or postgresql://... with --query; with protocol ncf "
      "the prefix of its three files (required unless --train is given)");
  add_sources_option(
      description, "train",
      "the events to train on, in the place of --data (required with protocol files)");
  add_sources_option(
      description, "valid",
      "with protocol files, the events that options are chosen on; the model is then fitted "
      "on them, too; default: a part of --train");
  add_sources_option(description, "test", "the events to test on (required with protocol files)");
  description.add_options()(
      "protocol", po::value<std::string>()->value_name("NAME"),
      fmt::format(
          "what is held out to test on: loo (each user's last event, without times the "
          "last row), temporal (the last events of all), ncf (given files with negatives), "
          "files (--train, --valid and --test), cold-items (a part of the items, ranked among "
          "themselves), cold-users (a part of the users) or none (all events train); "
          "default: {}",
          standard)
          .c_str())("test-fraction", po::value<double>()->value_name("NUMBER"),
                    "the part to test on, between 0 and 1: of the events with protocol temporal "
                    "(default: 0.1), of the items or users with cold-items and cold-users "
                    "(default: 0.2)")(
      "test-from", po::value<std::string>()->value_name("TIME"),
      "with protocol temporal, the time that the test begins at, such as "
      "2011-11-09, in the place of --test-fraction; default: by --test-fraction")(
      "repeat-items", po::value<std::string>()->value_name("WORD"),
      "whether an item that the user had before counts as a hit: drop (only new items are tested) "
      "or keep; default: drop");
  add_table_options(description);
}

namespace {

// The roles of columns that tg-recommend looks at in tables of events.
constexpr std::array<std::string_view, 8> roles_of_events = {"user", "item",     "time",  "rating",
                                                             "type", "quantity", "price", "order"};

void set_protocol(DataOptions& options, const po::variables_map& given,
                  const std::string& standard) {
  options.protocol = standard.substr(0, std::min(standard.find(' '), standard.size()));
  if (options.protocol == "temporal" && standard != "temporal")
    options.cut = temporal_cut_of(standard);
  if (options.protocol.starts_with("cold-") && standard.find(' ') != std::string::npos)
    options.cold_fraction = cold_fraction_of(standard);
  if (given.contains("train")) options.protocol = "files";
  if (given.contains("protocol")) options.protocol = given["protocol"].as<std::string>();
  const std::set<std::string> protocols{"ncf",        "loo",        "temporal", "files",
                                        "cold-items", "cold-users", "none"};
  if (!protocols.contains(options.protocol)) {
    throw OptionError(
        fmt::format("there is no protocol {}; there are ncf, loo, temporal, files, "
                    "cold-items, cold-users and none",
                    in_quotes(options.protocol)));
  }
  const std::string with_protocol = "with protocol " + options.protocol;
  const bool is_cold = options.protocol.starts_with("cold-");
  if (options.protocol != "temporal") refuse_given(given, {"test-from"}, with_protocol);
  if (options.protocol != "temporal" && !is_cold)
    refuse_given(given, {"test-fraction"}, with_protocol);
  if (options.protocol == "ncf" || options.protocol == "none" || is_cold)
    refuse_given(given, {"repeat-items"}, with_protocol);
  if (options.protocol != "files")
    refuse_given(given, {"train", "valid", "test"}, with_protocol);
  else
    refuse_given(given, {"data"}, with_protocol);
}

void set_cut(DataOptions& options, const po::variables_map& given) {
  if (const auto time = test_from(given)) options.cut.time = time;
  const auto fraction = test_fraction(given);
  if (!fraction) return;
  options.cut = {.fraction = *fraction};
  options.cold_fraction = *fraction;
}

std::vector<std::string> needed_sources(const po::variables_map& given, const std::string& name,
                                        const std::string& protocol) {
  if (!given.contains(name))
    throw OptionError(fmt::format("protocol {} needs --{}", protocol, name));
  return sources_of(given, name);
}

// The form of that protocol's files is fixed.
void check_ncf(const DataOptions& options, const po::variables_map& given) {
  if (options.sources.size() > 1)
    throw OptionError("protocol ncf reads one --data, the prefix of its three files");
  refuse_given(given,
               {"pseudonymise", "delimiter", "header", "encoding", "exclude-items", "min-rating",
                "event-weights", "half-life", "time-format", "decimal", "query"},
               "with protocol ncf");
  if (given.contains("items"))
    column_choices(given).require_used(item_roles);
  else
    refuse_given(given, {"columns", "skip-bad-lines"},
                 "with protocol ncf, whose files have a form of their own");
}

}  // namespace

DataOptions data_options(const po::variables_map& given, const DataDefaults& defaults) {
  DataOptions options;
  set_protocol(options, given, defaults.protocol);
  set_cut(options, given);
  const bool has_files = options.protocol == "files";
  options.sources = needed_sources(given, has_files ? "train" : "data", options.protocol);
  if (has_files) {
    options.test = needed_sources(given, "test", options.protocol);
    options.valid = sources_of(given, "valid");
  }
  if (options.protocol == "ncf") check_ncf(options, given);
  options.repeats = given.contains("repeat-items")
                        ? repeats_of(given["repeat-items"].as<std::string>())
                        : defaults.repeats;
  options.likes = defaults.likes;
  options.table = table_options(given, roles_of_events, options.likes,
                                defaults.uses_ratings ? "" : defaults.unrated, true);
  if (!given.contains("exclude-items") && options.protocol != "ncf")
    options.table.excluded_items = defaults.excluded_items;
  std::vector<std::string> all = options.sources;
  all.insert(all.end(), options.valid.begin(), options.valid.end());
  all.insert(all.end(), options.test.begin(), options.test.end());
  options.table.source.query = query_of(given, "query", all);
  options.uses_ratings = defaults.uses_ratings;
  options.quiet = given.contains("quiet");
  return options;
}

std::vector<std::string> data_files(const DataOptions& options) {
  if (options.protocol == "ncf") return ncf_files(options.sources[0]);
  std::vector<std::string> all = options.sources;
  all.insert(all.end(), options.valid.begin(), options.valid.end());
  all.insert(all.end(), options.test.begin(), options.test.end());
  return all;
}

}  // namespace tapegrad::apps
