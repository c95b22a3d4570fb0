#include "read_split.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/feature_tables.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/session_lines.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

// Whether a row's owner is a user, whose events are in order or are cut into sessions.
bool has_users(const SequenceDataOptions& options) {
  return options.histories || options.gap.has_value();
}

// The roles of columns that are looked at in tables of events.
std::vector<std::string_view> roles_of(const SequenceDataOptions& options) {
  std::vector<std::string_view> roles = {has_users(options) ? "user" : "session",
                                         "item",
                                         "time",
                                         "rating",
                                         "quantity",
                                         "order",
                                         "type"};
  if (options.has_labels) roles.emplace_back("label");
  return roles;
}

TableOptions table_of(const po::variables_map& given, const SequenceDataOptions& options,
                      const LikeOptions& likes, const std::string& unrated) {
  if (options.lines) return {};
  const bool gathers = given.contains("features");
  TableOptions table = table_options(given, roles_of(options), likes, unrated, gathers);
  table.reads_labels = options.has_labels;
  return table;
}

}  // namespace

SequenceReader::SequenceReader(const po::variables_map& given, const SequenceDataOptions& options,
                               const LikeOptions& likes, const std::string& unrated,
                               Progress& progress)
    : given_(given),
      options_(options),
      likes_(likes),
      has_features_(given.contains("features")),
      columns_(event_columns(given)),
      table_(table_of(given, options, likes, unrated)),
      quiet_(given.contains("quiet")),
      progress_(progress) {}

SequenceReader::Read SequenceReader::read(const std::vector<std::string>& sources,
                                          const char* query, bool is_learnt_from) {
  return options_.lines ? read_lines(sources) : read_table(sources, query, is_learnt_from);
}

SequenceReader::Read SequenceReader::read_lines(const std::vector<std::string>& sources) {
  SessionLines lines = read_session_lines(sources, max_unpacked(given_));
  const std::string path = displayed_all(sources);
  if (!quiet_)
    told_ += fmt::format(
        "{}: read {} lines: {} {}, {} items, without times: the order of the lines "
        "is that of the sessions\n",
        path, lines.sessions.count() + lines.empty_lines, lines.sessions.count(),
        lines.are_pairs ? "prefixes with what came next" : "sessions", lines.sessions.items.size());
  if (lines.empty_lines > 0)
    told_ += fmt::format("{}: left out {} lines without an id\n", path, lines.empty_lines);
  return {std::move(lines.sessions), lines.are_pairs};
}

SequenceReader::Read SequenceReader::read_table(const std::vector<std::string>& sources,
                                                const char* query, bool is_learnt_from) {
  const std::string path = displayed_all(sources);
  show_reading(table_, progress_, path);
  table_.source.query = query_of(given_, query, sources);
  ReadReport report;
  SessionCounts counts;
  Sessions sessions = read_sessions(sources, table_, has_users(options_), &report, &counts,
                                    has_features_ && is_learnt_from ? &columns_ : nullptr);
  progress_.clear();
  if (likes_.event_weights)
    sessions.type_weights = TypeWeights(*likes_.event_weights, sessions.type_ids);
  std::string users;
  if (options_.gap) {
    users = fmt::format("{} users, ", sessions.count());
    sessions = sessions_by_silence(sessions, *options_.gap);
  }
  std::string what = fmt::format("{}{} {}, {} items, {}", users, sessions.count(),
                                 options_.histories ? "users" : "sessions", sessions.items.size(),
                                 counts.times.empty()
                                     ? "without times: the order of the rows is that of the events"
                                     : describe_times(counts.times));
  if (table_.min_rating || likes_.event_weights) {
    what += fmt::format("; {} of {} rows are events ({})", counts.events, report.rows,
                        describe_likes(likes_));
  }
  told_ += describe_read(path, report, what, quiet_);
  told_ += describe_returns(path, counts.returns);
  if (!table_.min_rating) told_ += describe_not_positive(path, counts.not_positive, report.rows);
  return {std::move(sessions), false, std::move(counts.labels)};
}

KnownTest SequenceReader::read_test(const Sessions& training,
                                    const std::vector<std::int32_t>& unlearnt,
                                    const std::string& training_fingerprint) {
  const std::string path = displayed_all(options_.test);
  const Read test = read(options_.test, "test-query", false);
  if (hexadecimal(fingerprint(test.sessions)) == training_fingerprint)
    told_ += fmt::format(
        "{}: these are the events that were trained on: the figures say nothing about others\n",
        path);
  KnownTest known = known_test(test.sessions, training, unlearnt, test.last_only);
  const auto tell = [&](Index count, const std::string& what) {
    if (count > 0) told_ += fmt::format("{}: {}\n", path, what);
  };
  tell(known.unseen_targets,
       fmt::format("{} of {} next items were not trained on: they count as missed",
                   known.unseen_targets, known.questions.size()));
  tell(known.unseen_events,
       fmt::format("{} events of items that were not trained on are left out of what comes before",
                   known.unseen_events));
  tell(known.empty_prefixes,
       fmt::format("before {} of {} next items nothing comes that was trained on: they count as "
                   "missed",
                   known.empty_prefixes, known.questions.size()));
  tell(known.short_sessions, fmt::format("{} sessions have fewer than two events: nothing is asked "
                                         "of them",
                                         known.short_sessions));
  return known;
}

void SequenceReader::require_cases(const SequenceSplit& split,
                                   const std::vector<std::string>& sources) const {
  if (!split.cases.empty() || split.protocol == "none") return;
  if (split.protocol == "sessions")
    throw DataError(fmt::format("{}: expected a session with two events to judge on, got none",
                                displayed_all(sources)));
  throw DataError(fmt::format(
      "{}: expected a user with 3 {} or more to judge on, got none", displayed_all(sources),
      options_.split.target == SequenceTarget::basket ? "baskets" : "items"));
}

SequenceSplit SequenceReader::split(const std::string& model, std::uint64_t seed) {
  SequenceSplit split = split_without_features(model, seed);
  split.training.item_features = item_features(split.training.items);
  split.choosing.item_features = split.training.item_features;
  return split;
}

SequenceSplit SequenceReader::split_without_features(const std::string& model, std::uint64_t seed) {
  if (options_.histories || options_.protocol == "temporal") {
    const Read all = read(options_.data, "query");
    require_trainable(all.sessions, displayed_all(options_.data));
    HistorySplitOptions how = options_.split;
    how.seed = seed;
    SequenceSplit split = options_.histories
                              ? history_split(all.sessions, how)
                              : session_split_in_time(all.sessions, options_.split.cut);
    require_cases(split, options_.data);
    return split;
  }
  const Read training = read(options_.train, "query");
  const std::string path = displayed_all(options_.train);
  if (training.last_only)
    throw DataError(fmt::format(
        "{}: expected a session a line to train on, got prefixes with a tab before the next id",
        path));
  require_trainable(training.sessions, path);
  if (options_.protocol == "none") return session_split(training.sessions, nullptr);
  const KnownTest test = read_test(training.sessions, unlearnt_items(training.sessions, model),
                                   hexadecimal(fingerprint(training.sessions)));
  SequenceSplit split = session_split(training.sessions, &test);
  require_cases(split, options_.test);
  return split;
}

std::shared_ptr<const EntityFeatures> SequenceReader::item_features(const IdMap& items) {
  if (!has_features_) return nullptr;
  const ChosenFeatures chosen = asked_features(given_);
  if (!chosen.users.empty() || !columns_.users.empty())
    throw OptionError("--features: models of sequences look at features of items, not of users");
  if (!has_source(given_, Entity::item))
    throw OptionError(
        "--features needs --items, a table that has them, or columns of the events that --columns "
        "gives to items, such as item.brand=Brand");
  const FeatureTable table = given_.contains("items")
                                 ? read_feature_file(given_, Entity::item, chosen.items)
                                 : gathered_features(given_, columns_, Entity::item, chosen.items);
  Index without = 0;
  for (Index i = 0; i < items.size(); ++i) without += table.ids.find(items.name(i)) < 0 ? 1 : 0;
  if (without > 0)
    told_ += fmt::format("items: {} of {} have no features\n", without, items.size());
  return std::make_shared<const EntityFeatures>(table.features_of(items));
}

PurchaseSessions SequenceReader::purchases_of(const Read& read,
                                              const std::vector<std::string>& sources,
                                              std::string& purchase_type) {
  const std::string path = displayed_all(sources);
  PurchaseSessions purchases;
  if (options_.has_labels) {
    purchases = purchases_by_label(read.sessions, read.labels);
  } else {
    const IdMap& types = read.sessions.type_ids;
    const Index type =
        purchase_type.empty() ? find_purchase_type(types) : types.find(purchase_type);
    if (type < 0 && purchase_type.empty())
      throw DataError(fmt::format(
          "{}: expected events of type purchase: --purchase-type names another type, --columns "
          "type=COLUMN the column of types, and --columns label=COLUMN one of labels",
          path));
    if (type >= 0) purchase_type = types.name(type);
    purchases = purchases_by_type(read.sessions, type);
    if (purchases.left_out > 0)
      told_ += fmt::format("{}: left out {} sessions that begin with a purchase\n", path,
                           purchases.left_out);
  }
  if (!quiet_)
    told_ += fmt::format("{}: {} of {} sessions end in a purchase\n", path,
                         std::ranges::count(purchases.bought, true), purchases.sessions.count());
  return purchases;
}

PurchaseSplit SequenceReader::purchases() {
  PurchaseSplit split{.training = {}, .test = {}, .purchase_type = options_.purchase_type};
  const bool cut = options_.protocol == "temporal";
  const std::vector<std::string>& sources = cut ? options_.data : options_.train;
  PurchaseSessions all = purchases_of(read(sources, "query"), sources, split.purchase_type);
  if (cut) {
    PurchaseSplitInTime parts = purchases_in_time(all, options_.split.cut);
    split.training = std::move(parts.before);
    split.test = known_purchases(parts.after, split.training.sessions);
  } else {
    split.training = std::move(all);
    if (options_.protocol != "none") {
      split.test = known_purchases(
          purchases_of(read(options_.test, "test-query"), options_.test, split.purchase_type),
          split.training.sessions);
    }
  }
  split.training.sessions.item_features = item_features(split.training.sessions.items);
  require_both(split.training, displayed_all(sources));
  if (split.test.left_out > 0)
    told_ += fmt::format("left out {} sessions of the test without an item that was trained on\n",
                         split.test.left_out);
  return split;
}

PurchaseSessions SequenceReader::purchase_test(const Sessions& known) {
  std::string type = options_.purchase_type;
  PurchaseSessions test =
      known_purchases(purchases_of(read(options_.test, "test-query"), options_.test, type), known);
  if (test.sessions.count() == 0)
    throw DataError(fmt::format("{}: expected a session with an item that was trained on, got none",
                                displayed_all(options_.test)));
  if (test.left_out > 0)
    told_ += fmt::format("left out {} sessions of the test without an item that was trained on\n",
                         test.left_out);
  return test;
}

SequenceSplit SequenceReader::split_for(const StoredSequenceModel& model) {
  if (!options_.histories && options_.protocol != "temporal") {
    refuse_given(given_, {"query"}, "with task sessions: --test-query asks the database of --test");
    const KnownTest test = read_test(model.training, model.unlearnt, model.fingerprint);
    SequenceSplit split = session_split(model.training.without_sessions(), &test);
    require_cases(split, options_.test);
    return split;
  }
  const Read all = read(options_.data, "query");
  SequenceSplit split = options_.histories
                            ? history_split(all.sessions, options_.split)
                            : session_split_in_time(all.sessions, options_.split.cut);
  const std::string own = hexadecimal(fingerprint(split.training));
  if (own != model.fingerprint)
    throw DataError(fmt::format("{}: the model was trained on data {}, these are data {}",
                                displayed_all(options_.data), model.fingerprint, own));
  return split;
}

}  // namespace tapegrad::apps
