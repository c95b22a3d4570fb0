#include "text_data.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/stratified.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

std::vector<std::string> columns_of(const po::variables_map& given, const std::string& option) {
  if (!given.contains(option)) return {};
  const std::vector<std::string> columns = parse_ids(given[option].as<std::string>());
  if (columns.empty()) throw OptionError(fmt::format("--{}: expected names of columns", option));
  return columns;
}

LabelledTexts read(const po::variables_map& given, const std::vector<std::string>& sources,
                   LabelledTextOptions options, Progress& progress) {
  options.table = plain_table_options(given);
  options.table.source.trusts_quotes = true;
  options.table.source.query = query_of(given, "query", sources);
  show_reading(options.table, progress, displayed_all(sources));
  LabelledTexts texts = read_labelled_texts(sources, options);
  progress.clear();
  std::string counts = fmt::format("{} texts", texts.texts.size());
  if (texts.without_text > 0) counts += fmt::format(", {} of them empty", texts.without_text);
  if (texts.without_label > 0)
    counts += fmt::format("; left out {} rows without a label", texts.without_label);
  const bool quiet = given.contains("quiet") && texts.without_text + texts.without_label == 0;
  std::cerr << describe_read(displayed_all(sources), texts.report, counts, quiet);
  return texts;
}

void split_by_options(const po::variables_map& given, TextData& data) {
  const std::uint64_t seed = seed_of(given);
  const std::vector<Index>& classes = data.truth.front().of;
  if (given.contains("folds")) {
    refuse_given(given, {"test-fraction", "out", "checkpoint", "resume", "curves"}, "with --folds");
    const Index folds = bounded(given, "folds", Index{2}, Index{1000});
    if (folds > static_cast<Index>(classes.size()))
      throw OptionError(fmt::format("--folds must be at most the number of examples, {}, got {}",
                                    classes.size(), folds));
    const std::vector<Index> fold_of = stratified_folds(classes, folds, seed);
    for (Index fold = 0; fold < folds; ++fold) {
      TextData::Round round;
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
  data.described =
      fmt::format("trained on {} texts, evaluated on {}", parts.first.size(), parts.second.size());
  data.rounds.push_back({std::move(parts.first), std::move(parts.second)});
}

}  // namespace

void add_text_options(po::options_description& description) {
  description.add_options()(
      "text", po::value<std::string>()->value_name("COLUMNS"),
      "the columns of the text, with commas between, whose fields are read one after another: "
      "names in the header or numbers from 1 on; default: the first with a usual name, such as "
      "text, review or question, in a table without a header column 1")(
      "label", po::value<std::string>()->value_name("COLUMNS"),
      "the columns of labels, with commas between, each of which is predicted: names or numbers; "
      "default: the first with a usual name, such as label, category or intent, in a table without "
      "a header column 2");
  add_plain_table_options(description);
}

TextData read_text_data(const po::variables_map& given, Progress& progress) {
  const std::vector<std::string> whole = sources_of(given, "data"),
                                 training = sources_of(given, "train"),
                                 test = sources_of(given, "test");
  const LabelledTextOptions options{.text_columns = columns_of(given, "text"),
                                    .label_columns = columns_of(given, "label")};
  if (!whole.empty())
    refuse_given(given, {"train", "test"}, "with --data, which is split");
  else if (training.empty())
    throw OptionError("expected --data, or --train and, where there is one, --test");
  else
    refuse_given(given, {"test-fraction", "folds"}, "with --train, which is not split");
  LabelledTexts read_first = read(given, whole.empty() ? training : whole, options, progress);
  TextData data;
  data.texts = std::move(read_first.texts);
  data.text_columns = read_first.text_columns;
  for (const NamedColumn& column : read_first.labels) {
    data.targets.push_back(column.name);
    try {
      data.truth.push_back(labels_of(column.fields));
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}, column {}: {}",
                                  displayed_all(whole.empty() ? training : whole),
                                  in_quotes(column.name), error.what()));
    }
    for (const std::string& note : notes_on(data.truth.back()))
      std::cerr << fmt::format("column {}: {}\n", in_quotes(column.name), note);
  }
  if (!whole.empty()) {
    split_by_options(given, data);
    return data;
  }
  TextData::Round round;
  for (std::size_t i = 0; i < data.texts.size(); ++i)
    round.training.push_back(static_cast<Index>(i));
  data.described = fmt::format("trained on {} texts, evaluated on none", data.texts.size());
  if (!test.empty()) {
    const LabelledTexts tested = read(given, test, options, progress);
    for (std::size_t t = 0; t < data.truth.size(); ++t) {
      const Labels own = labels_of(tested.labels[t].fields, data.truth[t].classes);
      data.truth[t].of.insert(data.truth[t].of.end(), own.of.begin(), own.of.end());
    }
    for (std::size_t i = 0; i < tested.texts.size(); ++i)
      round.test.push_back(static_cast<Index>(data.texts.size() + i));
    data.texts.insert(data.texts.end(), tested.texts.begin(), tested.texts.end());
    data.described = fmt::format("trained on {} texts, evaluated on {}", round.training.size(),
                                 round.test.size());
  }
  data.rounds.push_back(std::move(round));
  return data;
}

LabelledTexts read_texts_for(const po::variables_map& given,
                             const std::vector<std::string>& text_columns,
                             std::vector<std::string> label_columns, bool needs_labels,
                             const std::vector<std::string>& others, Progress& progress) {
  const std::vector<std::string> sources = sources_of(given, "data");
  if (sources.empty()) throw OptionError("expected --data");
  std::vector<std::string> columns = columns_of(given, "text");
  if (columns.empty()) columns = text_columns;
  if (given.contains("label")) label_columns = columns_of(given, "label");
  return read(given, sources,
              {.text_columns = std::move(columns),
               .label_columns = std::move(label_columns),
               .other_columns = others,
               .needs_labels = needs_labels},
              progress);
}

}  // namespace tapegrad::apps
