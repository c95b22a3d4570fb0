#include "data_options.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/cut_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/duration.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_sequence_data_options(po::options_description& description, bool for_training) {
  if (for_training)
    add_sources_option(
        description, "train",
        "task sessions: the events (session, item, time) to train on: files of delimited "
        "text or JSON Lines, plain or gzip; - for standard input; sqlite:FILE or "
        "postgresql://... with --query (required there without --data)");
  add_sources_option(description, "test",
                     "task sessions: the events (session, item, time) to judge on (required there "
                     "without --data)");
  add_sources_option(description, "data",
                     "task next-item: the events (user, item[, time]), each user's in their order "
                     "(required there); task sessions: events that --test-from or --test-fraction "
                     "cuts into a training and a test");
  const auto word = [](const char* name) { return po::value<std::string>()->value_name(name); };
  description.add_options()(
      "protocol", word("NAME"),
      "what is asked for. Task next-item: loo (each user's last item, ranked among all items), "
      "sasrec100 (the same among 100 sampled ones), temporal (all that happened from one time on) "
      "or none (all events train); default: loo. Task sessions: sessions (the next items of "
      "--test), temporal or none; default: sessions, with --data temporal")(
      "test-fraction", po::value<double>()->value_name("NUMBER"),
      "with protocol temporal, the part of the events, the last by time, to test on, between 0 and "
      "1; default: 0.1")("test-from", word("TIME"),
                         "with protocol temporal, the time that the test begins at, such as "
                         "2011-11-09; default: by --test-fraction")(
      "target", word("NAME"),
      "task next-item: whether the next item is asked for (item), or the items of the next basket, "
      "which are a user's events at one time (basket); default: item")(
      "repeat-items", word("WORD"),
      "task next-item: whether items that a user had before compete and may be asked for again: "
      "drop or keep; default: drop, with target basket keep")(
      "format", word("NAME"),
      "task sessions: events (a table with a row an event) or lines (a session a line, ids with "
      "blanks or commas between; a test may have a prefix, a tab and the next id on each line); "
      "default: events")("session-gap", word("DURATION"),
                         "task sessions: cut the events of users into sessions where nothing "
                         "happened for longer than this, such as 30m; default: the sessions of the "
                         "table");
  description.add_options()(
      "purchase-type", word("TYPE"),
      "task purchase: the type of the events that are purchases; only what a session has before "
      "the first one is looked at; default: one that is known by name, such as purchase, or, with "
      "--columns label=COLUMN, labels (1, true or yes; 0, false or no) say which sessions end in a "
      "purchase");
  add_table_options(description);
  if (for_training)
    description.add_options()(
        "items", word("FILE"),
        "a table of items whose columns --features names, in which the column of ids has the role "
        "item.id; default: none")(
        "features", word("NAME=COLUMN,..."),
        "which columns of --items, or of the events, say of each event what its item is like, as "
        "name=column pairs with commas between, such as category=category,title=2:text: a column "
        "is "
        "a name or a number, a range of numbers is of columns of 0 and 1, and :number, :category, "
        ":categories or :text says what a column is; all for all columns but the ids; default: "
        "none");
  description.add_options()(
      "test-query", word("SQL"),
      "the SQL query whose rows are read (required where --test is a database)");
}

namespace {

std::string word_of(const po::variables_map& given, const std::string& name,
                    const std::string& standard, const std::vector<std::string>& words) {
  if (!given.contains(name)) return standard;
  const auto word = given[name].as<std::string>();
  if (std::ranges::find(words, word) == words.end())
    throw OptionError(fmt::format("there is no {} {}; there are {}", name, in_quotes(word),
                                  fmt::join(words, ", ")));
  return word;
}

std::vector<std::string> needed(const po::variables_map& given, const std::string& name,
                                const std::string& why) {
  if (!given.contains(name)) throw OptionError(fmt::format("{} needs --{}", why, name));
  return sources_of(given, name);
}

// --test-from or --test-fraction, which only protocol temporal looks at.
void set_cut(SequenceDataOptions& options, const po::variables_map& given) {
  if (options.protocol != "temporal")
    refuse_given(given, {"test-from", "test-fraction"}, "with protocol " + options.protocol);
  if (const auto time = test_from(given)) options.split.cut.time = time;
  if (const auto fraction = test_fraction(given)) options.split.cut = {.fraction = *fraction};
}

void set_histories(SequenceDataOptions& options, const po::variables_map& given,
                   const HistorySplitOptions& standard) {
  refuse_given(given, {"train", "test", "test-query", "format", "session-gap"},
               "with task next-item");
  options.split = standard;
  options.protocol = options.split.protocol =
      word_of(given, "protocol", standard.protocol, {"loo", "sasrec100", "temporal", "none"});
  const std::string target =
      word_of(given, "target", standard.target == SequenceTarget::basket ? "basket" : "item",
              {"item", "basket"});
  options.split.target = target == "basket" ? SequenceTarget::basket : SequenceTarget::item;
  if (given.contains("target"))
    options.split.repeats = target == "basket" ? Repeats::keep : Repeats::drop;
  if (given.contains("repeat-items"))
    options.split.repeats = repeats_of(given["repeat-items"].as<std::string>());
  if (options.protocol == "sasrec100") {
    if (target == "basket")
      throw OptionError("--target basket has no effect with protocol sasrec100");
    refuse_given(given, {"repeat-items"}, "with protocol sasrec100");
  }
  options.data = needed(given, "data", "task next-item");
}

// The options of tables, which files with a session a line do not look at.
void refuse_table_options(const po::variables_map& given) {
  po::options_description tables;
  add_table_options(tables);
  std::vector<std::string> names = names_of(tables);
  std::erase(names, "max-unpacked");
  refuse_given(given, names, "with --format lines");
}

void set_lines(SequenceDataOptions& options, const po::variables_map& given) {
  options.lines = word_of(given, "format", "events", {"events", "lines"}) == "lines";
  if (!options.lines) return;
  refuse_table_options(given);
  refuse_given(given, {"test-query", "session-gap", "min-rating", "event-weights", "data"},
               "with --format lines");
}

void set_sessions(SequenceDataOptions& options, const po::variables_map& given, bool for_training,
                  const std::string& standard) {
  refuse_given(given, {"target", "repeat-items"}, "with task sessions");
  options.protocol =
      word_of(given, "protocol", given.contains("data") ? std::string("temporal") : standard,
              {"sessions", "temporal", "none"});
  set_lines(options, given);
  if (given.contains("session-gap"))
    options.gap = parse_duration(given["session-gap"].as<std::string>(), "--session-gap");
  if (options.protocol == "temporal") {
    refuse_given(given, {"train", "test", "test-query"}, "with protocol temporal");
    options.data = needed(given, "data", "protocol temporal");
    return;
  }
  refuse_given(given, {"data"}, "with protocol " + options.protocol);
  if (for_training) options.train = needed(given, "train", "task sessions");
  if (options.protocol == "none") {
    refuse_given(given, {"test", "test-query"}, "with protocol none");
    return;
  }
  if (for_training && !given.contains("test"))
    throw OptionError("task sessions needs --test, or --protocol none");
  options.test = needed(given, "test", "task sessions");
}

void set_labels(SequenceDataOptions& options, const po::variables_map& given) {
  if (options.lines)
    throw OptionError(
        "task purchase needs the types of events or labels, which --format lines does not have");
  options.has_labels = !column_choices(given).of("label").empty();
  if (options.has_labels) {
    refuse_given(given, {"purchase-type"}, "with --columns label=...");
    refuse_given(given, {"session-gap"}, "with labels, which are those of the table's sessions");
  }
  if (given.contains("purchase-type"))
    options.purchase_type = given["purchase-type"].as<std::string>();
}

}  // namespace

SequenceDataOptions purchase_data_options(const po::variables_map& given) {
  SequenceDataOptions options;
  refuse_given(given, {"min-rating", "event-weights"}, "with task purchase");
  set_sessions(options, given, true, "sessions");
  set_cut(options, given);
  set_labels(options, given);
  return options;
}

SequenceDataOptions purchase_test_options(const po::variables_map& given,
                                          const std::string& purchase_type) {
  SequenceDataOptions options;
  set_sessions(options, given, false, "sessions");
  set_labels(options, given);
  if (options.has_labels != purchase_type.empty())
    throw OptionError(purchase_type.empty()
                          ? "the model was trained on labels: expected --columns label=COLUMN"
                          : "the model was trained on the types of events: --columns label=... has "
                            "no effect");
  options.purchase_type = purchase_type;
  return options;
}

void add_analysis_data_options(po::options_description& description) {
  add_sources_option(description, "data",
                     "the events: files of delimited text or JSON Lines, plain or gzip; - for "
                     "standard input; sqlite:FILE or postgresql://... with --query (required)");
  const auto word = [](const char* name) { return po::value<std::string>()->value_name(name); };
  description.add_options()("owner", word("NAME"),
                            "whose events make a trajectory: those of a session, or of a user; "
                            "default: session, with --session-gap user")(
      "format", word("NAME"),
      "events (a table with a row an event) or lines (a session a line, ids with blanks or commas "
      "between); default: events")(
      "session-gap", word("DURATION"),
      "cut the events of users into sessions where nothing happened for longer than this, such as "
      "30m; default: they are not cut");
  add_table_options(description);
}

SequenceDataOptions analysis_data_options(const po::variables_map& given) {
  SequenceDataOptions options;
  options.data = needed(given, "data", "analyze");
  options.lines = word_of(given, "format", "events", {"events", "lines"}) == "lines";
  if (options.lines) {
    refuse_table_options(given);
    refuse_given(given, {"owner", "session-gap"}, "with --format lines");
  }
  if (given.contains("session-gap"))
    options.gap = parse_duration(given["session-gap"].as<std::string>(), "--session-gap");
  options.histories =
      word_of(given, "owner", options.gap ? "user" : "session", {"session", "user"}) == "user";
  if (options.gap && !options.histories)
    throw OptionError(
        "--session-gap cuts the events of users: --owner session has no effect with it");
  return options;
}

SequenceDataOptions sequence_data_options(const po::variables_map& given, const std::string& task) {
  SequenceDataOptions options;
  options.histories = task == "next-item";
  if (options.histories)
    set_histories(options, given, {});
  else
    set_sessions(options, given, true, "sessions");
  set_cut(options, given);
  return options;
}

SequenceDataOptions sequence_data_options(const po::variables_map& given,
                                          const StoredSequenceModel& model) {
  SequenceDataOptions options;
  options.histories = model.task == "next-item";
  HistorySplitOptions standard{.protocol = model.protocol,
                               .target = model.target,
                               .repeats = model.repeats,
                               .seed = model.seed};
  if (model.protocol.starts_with("temporal")) {
    standard.protocol = "temporal";
    standard.cut = temporal_cut_of(model.protocol);
  }
  if (options.histories) {
    set_histories(options, given, standard);
  } else {
    set_sessions(options, given, false,
                 standard.protocol == "none" ? "sessions" : standard.protocol);
    if (options.protocol == "temporal") options.split.cut = standard.cut;
  }
  set_cut(options, given);
  return options;
}

}  // namespace tapegrad::apps
