#include "examples.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/stratified.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

void split_by_options(const po::variables_map& given, Examples& data) {
  const std::uint64_t seed = seed_of(given);
  const std::vector<Index>& classes = data.truth.front().of;
  if (given.contains("folds")) {
    const auto folds = given["folds"].as<Index>();
    if (folds > static_cast<Index>(classes.size()))
      throw OptionError(fmt::format("--folds must be at most the number of examples, {}, got {}",
                                    classes.size(), folds));
    const std::vector<Index> fold_of = stratified_folds(classes, folds, seed);
    for (Index fold = 0; fold < folds; ++fold) {
      Examples::Round round;
      for (std::size_t i = 0; i < classes.size(); ++i)
        (fold_of[i] == fold ? round.test : round.training).push_back(static_cast<Index>(i));
      data.rounds.push_back(std::move(round));
    }
    data.described = fmt::format(
        "trained on {} of {} stratified folds at a time, evaluated on the other", folds - 1, folds);
    return;
  }
  double fraction = 0.2;
  set_bounded(fraction, given, "test-fraction", 0.0, 0.99);
  TwoParts parts;
  if (fraction == 0.0) {
    for (std::size_t i = 0; i < classes.size(); ++i) parts.first.push_back(static_cast<Index>(i));
  } else {
    parts = stratified_parts(classes, fraction, seed);
    if (parts.second.empty())
      throw DataError(
          fmt::format("expected enough examples for a test, got {}: --test-fraction 0 "
                      "trains without one",
                      classes.size()));
  }
  data.described = fmt::format("trained on {} examples, evaluated on {}", parts.first.size(),
                               parts.second.size());
  data.rounds.push_back({std::move(parts.first), std::move(parts.second)});
}

}  // namespace

void add_examples_options(po::options_description& description) {
  add_sources_option(description, "data",
                     "the examples, which are split into a training and a test, each class in its "
                     "share (required without --train)");
  add_sources_option(description, "train", "the examples to train on (required without --data)");
  add_sources_option(description, "test",
                     "the examples to judge on; default: none, with --data a part of it");
  description.add_options()(
      "test-fraction", po::value<double>()->value_name("NUMBER"),
      "with --data, the part of the examples to test on, from 0 (none) to 0.99; default: 0.2")(
      "folds", po::value<Index>()->value_name("N"),
      "with --data, cross-validation: N models are trained, each on all but one of N parts, and "
      "tested on that one, from 2 on; default: one model is");
}

ExampleSources example_sources(const po::variables_map& given) {
  ExampleSources sources;
  sources.training = sources_of(given, "data");
  sources.is_split = !sources.training.empty();
  if (sources.is_split) {
    refuse_given(given, {"train", "test"}, "with --data, which is split");
    if (given.contains("folds")) {
      refuse_given(given, {"test-fraction", "out", "checkpoint", "resume", "curves"},
                   "with --folds");
      bounded(given, "folds", Index{2}, Index{1000});
    }
    double fraction = 0.0;
    set_bounded(fraction, given, "test-fraction", 0.0, 0.99);
    return sources;
  }
  sources.training = sources_of(given, "train");
  sources.test = sources_of(given, "test");
  if (sources.training.empty())
    throw OptionError("expected --data, or --train and, where there is one, --test");
  refuse_given(given, {"test-fraction", "folds"}, "with --train, which is not split");
  return sources;
}

std::vector<std::string> columns_of(const po::variables_map& given, const std::string& option) {
  if (!given.contains(option)) return {};
  const auto text = given[option].as<std::string>();
  RecordReader reader(text, ',');
  Record record;
  std::vector<std::string> columns;
  if (reader.next(record) == ReadState::record && reader.position() == text.size()) {
    for (const std::string_view field : record.fields) columns.emplace_back(trimmed(field));
  }
  if (columns.empty() || std::ranges::count(columns, "") > 0)
    throw OptionError(
        fmt::format("--{}: expected columns with commas between, got {}", option, in_quotes(text)));
  return columns;
}

Labels read_labels(const std::vector<std::string>& sources, const NamedColumn& column,
                   LabelKind kind, const IdMap* known) {
  try {
    if (kind == LabelKind::numbers) return number_labels_of(column.fields);
    return known == nullptr ? labels_of(column.fields) : labels_of(column.fields, *known);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}, column {}: {}", displayed_all(sources), in_quotes(column.name),
                                error.what()));
  }
}

Examples examples_of(const po::variables_map& given, const ExampleSources& sources,
                     std::span<const NamedColumn> training, std::span<const NamedColumn> test,
                     LabelKind kind) {
  Examples examples;
  for (const NamedColumn& column : training) {
    examples.targets.push_back(column.name);
    examples.truth.push_back(read_labels(sources.training, column, kind));
    for (const std::string& note : notes_on(examples.truth.back()))
      std::cerr << fmt::format("column {}: {}\n", in_quotes(column.name), note);
  }
  examples.is_split = sources.is_split;
  if (sources.is_split) {
    split_by_options(given, examples);
    return examples;
  }
  Examples::Round round;
  const Index count = examples.truth.front().count();
  for (Index i = 0; i < count; ++i) round.training.push_back(i);
  for (std::size_t t = 0; t < test.size(); ++t) {
    Labels& truth = examples.truth[t];
    const Labels own = read_labels(sources.test, test[t], kind, &truth.classes);
    truth.numbers.insert(truth.numbers.end(), own.numbers.begin(), own.numbers.end());
    truth.of.insert(truth.of.end(), own.of.begin(), own.of.end());
  }
  for (Index i = count; i < examples.truth.front().count(); ++i) round.test.push_back(i);
  examples.described = fmt::format("trained on {} examples, evaluated on {}", round.training.size(),
                                   round.test.empty() ? "none" : std::to_string(round.test.size()));
  examples.rounds.push_back(std::move(round));
  return examples;
}

}  // namespace tapegrad::apps
