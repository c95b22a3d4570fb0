#include "data_options.h"

#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_data_options(po::options_description& description) {
  description.add_options()("test", po::value<std::string>(), "sessions: events (session, item, time) to judge on")(
      "data", po::value<std::string>(), "next-item: events (user, item[, time]), each user's in their order")(
      "protocol", po::value<std::string>()->default_value("loo"),
      "next-item: loo (a user's last item among all) or sasrec100 (among 100 sampled ones)");
  add_table_options(description, "session");
  description.add_options()("user-column", po::value<std::string>()->default_value(""),
                            "next-item, in the place of session-column");
}

void refuse_other_task(const po::variables_map& given, bool histories) {
  if (histories)
    refuse_given(given, {"train", "test", "session-column"}, "with task next-item");
  else
    refuse_given(given, {"data", "protocol", "user-column"}, "with task sessions");
}

TableOptions table_options_of(const po::variables_map& given, bool histories) {
  TableOptions table = table_options(given, "session");
  if (histories) table.user_column = given["user-column"].as<std::string>();
  return table;
}

Sessions read_file(const std::string& path, const po::variables_map& given, bool histories) {
  ReadReport report;
  Sessions sessions = read_sessions(path, table_options_of(given, histories), histories, &report);
  tell_skipped(path, report);
  return sessions;
}

Sessions read_test(const std::string& path, const po::variables_map& given, const IdMap& items) {
  KnownPart part = known_part(read_file(path, given, false), items);
  if (part.unseen_events > 0)
    std::cerr << fmt::format("{}: left out {} events of items that are not in the training's\n", path, part.unseen_events);
  if (part.short_sessions > 0)
    std::cerr << fmt::format("{}: left out {} sessions with fewer than two events\n", path, part.short_sessions);
  if (part.sessions.count() == 0)
    throw DataError(fmt::format("{}: expected a session with two events of known items, got none", path));
  return std::move(part.sessions);
}

std::string needed(const po::variables_map& given, const std::string& name, const std::string& task) {
  if (given.contains(name)) return given[name].as<std::string>();
  throw OptionError(fmt::format("task {} needs --{}", task, name));
}

nlohmann::json result_json(const std::string& model, const NextItemMetrics& metrics, const SequenceSplit& split,
                           const std::string& fingerprint) {
  const std::string at = fmt::format("@{}", metrics.k);
  return {{"model", model},
          {"recall" + at, metrics.recall},
          {"mrr" + at, metrics.mrr},
          {"ndcg" + at, metrics.ndcg},
          {"recall_random_ties" + at, metrics.recall_random_ties},
          {"mrr_random_ties" + at, metrics.mrr_random_ties},
          {"cases", metrics.cases},
          {"protocol", split.protocol},
          {"ties", how_ties_rank},
          {"data", fingerprint}};
}

std::string result_text(const std::string& model, const NextItemMetrics& metrics, const SequenceSplit& split) {
  return fmt::format("{}: Recall@{} {:.4f} MRR@{} {:.4f} NDCG@{} {:.4f} ({} cases, protocol {}, {})", model, metrics.k,
                     metrics.recall, metrics.k, metrics.mrr, metrics.k, metrics.ndcg, metrics.cases, split.protocol,
                     how_ties_rank);
}

}  // namespace tapegrad::apps
