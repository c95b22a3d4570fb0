#include "data_options.h"

#include <algorithm>
#include <iostream>
#include <set>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/ncf_split.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

Split split_of(const Interactions& likes, const DataOptions& options) {
  if (options.protocol == "temporal") return temporal_split(likes, options.test_fraction);
  return options.protocol == "loo" ? leave_one_out_split(likes) : whole_split(likes);
}

ReadData read_events(const DataOptions& options, Progress& progress) {
  TableOptions table = options.table;
  const std::string shown = displayed_all(options.sources);
  show_reading(table, progress, shown);
  ReadReport report;
  const Interactions events = read_interactions(options.sources, table, &report);
  progress.clear();
  const Returns returns = find_returns(events);
  const Interactions likes = likes_of(events, returns, table.min_rating);
  require_trainable(likes);
  ReadData data{
      .split = split_of(likes, options), .events = events.size(), .described = {}, .told = {}};
  data.split.had = UserItems(events);
  data.split.fingerprint = hexadecimal(fingerprint(events));
  const std::string liked =
      likes.size() == events.size()
          ? "every event is a like"
          : fmt::format(
                "{} of {} events are likes{}", likes.size(), events.size(),
                table.min_rating ? fmt::format(" ({})", describe_likes(table.min_rating)) : "");
  data.told =
      describe_read(shown, report,
                    fmt::format("{} users, {} items, {}; {}", events.user_ids.size(),
                                events.item_ids.size(), describe_times(events.times), liked),
                    options.quiet);
  data.told += describe_returns(shown, returns);
  if (!table.min_rating)
    data.told += describe_not_positive(shown, count_not_positive(events), events.size());
  return data;
}

// The three files may have been written from the same events.
std::string describe_trained_tests(const std::string& path, const Split& split) {
  const UserItems trained(split.training);
  const auto count = std::ranges::count_if(split.cases, [&](const RankingCase& one) {
    return one.user < trained.user_count() &&
           std::ranges::count(trained.of(one.user), one.relevant[0]) > 0;
  });
  if (count == 0) return "";
  return fmt::format(
      "{}.test.rating: {} of {} test items were trained on for the same user: the figures say "
      "little about others\n",
      path, count, split.cases.size());
}

ReadData read_ncf(const DataOptions& options, Progress& progress) {
  TableOptions table = options.table;
  show_reading(table, progress, options.sources[0] + ".*");
  ReadReport report;
  ReadData data{.split = read_ncf_split(options.sources[0], table.source.max_unpacked, &report,
                                        table.source.progress),
                .events = 0,
                .described = {},
                .told = {}};
  progress.clear();
  const Split& split = data.split;
  require_trainable(split.training);
  data.events = split.training.size() + static_cast<Index>(split.cases.size());
  data.told =
      describe_read(options.sources[0] + ".*", report,
                    fmt::format("{} users, {} items, {}; {} test cases",
                                split.training.user_ids.size(), split.training.item_ids.size(),
                                describe_times(split.training.times), split.cases.size()),
                    options.quiet);
  data.told += describe_trained_tests(options.sources[0], split);
  return data;
}

}  // namespace

void add_data_options(po::options_description& description, const std::string& standard) {
  add_sources_option(
      description, "data",
      "the events (user, item[, rating][, time]): files of delimited text or JSON Lines, plain or "
      "gzip; - for standard input; sqlite:FILE or postgresql://... with --query; with protocol ncf "
      "the prefix of its three files",
      true);
  description.add_options()(
      "protocol", po::value<std::string>(),
      ("what is held out to test on: loo (each user's last event, without times the last row), "
       "temporal (the last events of "
       "all), "
       "ncf (given files) or none (all events train); not given: " +
       standard)
          .c_str())("test-fraction", po::value<double>(),
                    "temporal: the part of the events to test on; not given: 0.1");
  add_table_options(description);
}

DataOptions data_options(const po::variables_map& given, const std::string& protocol,
                         std::optional<double> min_rating, const std::string& unrated) {
  DataOptions options;
  options.sources = sources_of(given, "data");
  const std::size_t word = std::min(protocol.find(' '), protocol.size());
  options.protocol = protocol.substr(0, word);
  if (const auto fraction = parse_number(protocol.substr(word))) options.test_fraction = *fraction;
  if (given.contains("protocol")) options.protocol = given["protocol"].as<std::string>();
  const std::set<std::string> protocols{"ncf", "loo", "temporal", "none"};
  if (!protocols.contains(options.protocol)) {
    throw OptionError(fmt::format("there is no protocol {}; there are ncf, loo, temporal and none",
                                  in_quotes(options.protocol)));
  }
  if (options.protocol != "temporal")
    refuse_given(given, {"test-fraction"}, "with protocol " + options.protocol);
  // The form of that protocol's files is fixed.
  if (options.protocol == "ncf") {
    if (options.sources.size() > 1)
      throw OptionError("protocol ncf reads one --data, the prefix of its three files");
    refuse_given(given, {"delimiter", "header", "encoding", "exclude-items", "min-rating", "query"},
                 "with protocol ncf");
    if (given.contains("items"))
      column_choices(given).require_used(item_roles);
    else
      refuse_given(given, {"columns", "skip-bad-lines"},
                   "with protocol ncf, whose files have a form of their own");
  }
  if (given.contains("test-fraction")) options.test_fraction = given["test-fraction"].as<double>();
  if (!(options.test_fraction > 0.0 && options.test_fraction < 1.0))
    throw OptionError(
        fmt::format("--test-fraction must be between 0 and 1, got {}", options.test_fraction));
  options.table = table_options(given, "user", min_rating, unrated);
  options.table.source.query = query_of(given, "query", options.sources);
  options.quiet = given.contains("quiet");
  return options;
}

std::vector<std::string> data_files(const DataOptions& options) {
  if (options.protocol == "ncf") return ncf_files(options.sources[0]);
  return options.sources;
}

ReadData read_data(const DataOptions& options, Progress& progress) {
  ReadData data =
      options.protocol == "ncf" ? read_ncf(options, progress) : read_events(options, progress);
  const Split& split = data.split;
  data.described = fmt::format("trained on {} of {} events", split.training.size(), data.events);
  if (options.table.min_rating)
    data.described += fmt::format(" ({})", describe_likes(options.table.min_rating));
  data.described += split.cases.empty()
                        ? ", evaluated on none (protocol none)"
                        : fmt::format(", evaluated on what was held out of {} users (protocol {})",
                                      split.cases.size(), split.protocol);
  return data;
}

std::vector<std::string> read_titles(const po::variables_map& given, const IdMap& items) {
  const std::string path = item_table_of(given);
  if (path.empty()) return {};
  ReadReport report;
  const ItemTable known = read_item_table(path, item_table_options(given), &report);
  std::vector<std::string> titles;
  Index found = 0;
  for (Index i = 0; i < items.size(); ++i) {
    titles.push_back(known.title(items.name(i)));
    found += known.ids.find(items.name(i)) >= 0 ? 1 : 0;
  }
  std::cerr << describe_read(path, report,
                             fmt::format("titles of {} of the {} items", found, items.size()),
                             given.contains("quiet"));
  return titles;
}

}  // namespace tapegrad::apps
