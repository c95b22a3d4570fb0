#include "data_options.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/evaluation/result.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_data_options(po::options_description& description) {
  add_sources_option(
      description, "test",
      "task sessions: the events (session, item, time) to judge on (required there)");
  add_sources_option(description, "data",
                     "task next-item: the events (user, item[, time]), each user's in their order "
                     "(required there)");
  description.add_options()(
      "protocol", po::value<std::string>()->value_name("NAME"),
      "task next-item: loo (each user's last item is ranked among all items), sasrec100 (among 100 "
      "sampled ones) or none (all events train), default: loo; task sessions: none, in the place "
      "of "
      "--test");
  add_table_options(description);
  description.add_options()(
      "test-query", po::value<std::string>()->value_name("SQL"),
      "the SQL query whose rows are read (required where --test is a database)");
}

void refuse_other_task(const po::variables_map& given, bool histories) {
  if (histories) {
    refuse_given(given, {"train", "test", "test-query"}, "with task next-item");
    return;
  }
  refuse_given(given, {"data"}, "with task sessions");
  if (!given.contains("protocol")) return;
  if (given["protocol"].as<std::string>() != "none")
    refuse_given(given, {"protocol"}, "with task sessions, unless it is none");
  refuse_given(given, {"test", "test-query"}, "with protocol none");
}

std::vector<std::string> needed(const po::variables_map& given, const std::string& name,
                                const std::string& task) {
  if (given.contains(name)) return sources_of(given, name);
  throw OptionError(fmt::format("task {} needs --{}", task, name));
}

namespace {

// The roles of columns that tg-sequence looks at in tables of events.
std::array<std::string_view, 6> roles_of(bool histories) {
  return {histories ? "user" : "session", "item", "time", "rating", "quantity", "order"};
}

}  // namespace

SessionReader::SessionReader(const po::variables_map& given, bool histories,
                             std::optional<double> min_rating, const std::string& unrated,
                             Progress& progress)
    : given_(given),
      table_(table_options(given, roles_of(histories), {.min_rating = min_rating}, unrated)),
      histories_(histories),
      quiet_(given.contains("quiet")),
      progress_(progress) {}

Sessions SessionReader::read(const std::vector<std::string>& sources) {
  return read(sources, query_of(given_, "query", sources));
}

Sessions SessionReader::read(const std::vector<std::string>& sources, const std::string& query) {
  const std::string path = displayed_all(sources);
  show_reading(table_, progress_, path);
  table_.source.query = query;
  ReadReport report;
  SessionCounts counts;
  Sessions sessions = read_sessions(sources, table_, histories_, &report, &counts);
  progress_.clear();
  std::string what =
      fmt::format("{} {}, {} items, {}", sessions.count(), histories_ ? "users" : "sessions",
                  sessions.items.size(), describe_times(counts.times));
  if (table_.min_rating) {
    what += fmt::format("; {} of {} rows are events ({})", counts.events, report.rows,
                        describe_likes({.min_rating = table_.min_rating}));
  }
  told_ += describe_read(path, report, what, quiet_);
  told_ += describe_returns(path, counts.returns);
  if (!table_.min_rating) told_ += describe_not_positive(path, counts.not_positive, report.rows);
  return sessions;
}

Sessions SessionReader::read_test(const std::vector<std::string>& sources, const IdMap& items,
                                  std::span<const std::int32_t> unlearnt,
                                  const std::string& training_fingerprint) {
  const std::string path = displayed_all(sources);
  const Sessions test = read(sources, query_of(given_, "test-query", sources));
  if (hexadecimal(fingerprint(test)) == training_fingerprint)
    told_ += fmt::format(
        "{}: these are the events that were trained on: the figures say nothing about others\n",
        path);
  KnownPart part = known_part(test, items, unlearnt);
  if (part.unseen_events > 0)
    told_ += fmt::format("{}: left out {} events of items that were not trained on\n", path,
                         part.unseen_events);
  if (part.short_sessions > 0)
    told_ += fmt::format("{}: left out {} sessions with fewer than two events\n", path,
                         part.short_sessions);
  if (part.sessions.count() == 0)
    throw DataError(
        fmt::format("{}: expected a session with two events of known items, got none", path));
  return std::move(part.sessions);
}

nlohmann::json result_json(const std::string& model, const NextItemMetrics& metrics,
                           const SequenceSplit& split, const std::string& fingerprint) {
  nlohmann::json json = {{"model", model},
                         {"cases", metrics.cases},
                         {"protocol", split.protocol},
                         {"data", fingerprint}};
  if (split.cases.empty()) return json;
  const std::string at = fmt::format("@{}", metrics.k);
  json["recall" + at] = metrics.recall;
  json["mrr" + at] = metrics.mrr;
  json["ndcg" + at] = metrics.ndcg;
  json["recall_random_ties" + at] = metrics.recall_random_ties;
  json["mrr_random_ties" + at] = metrics.mrr_random_ties;
  json["ties"] = how_ties_rank;
  return json;
}

std::string result_text(const std::string& model, const NextItemMetrics& metrics,
                        const SequenceSplit& split) {
  if (split.cases.empty())
    return fmt::format("{}: trained on everything, not evaluated (protocol {})", model,
                       split.protocol);
  return fmt::format(
      "{}: Recall@{} {:.4f} MRR@{} {:.4f} NDCG@{} {:.4f} ({} cases, protocol {}, {})", model,
      metrics.k, metrics.recall, metrics.k, metrics.mrr, metrics.k, metrics.ndcg, metrics.cases,
      split.protocol, how_ties_rank);
}

}  // namespace tapegrad::apps
