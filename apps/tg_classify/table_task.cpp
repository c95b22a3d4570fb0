// Tables with labels.
#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/tables/table_row.h>
#include <tapegrad/apps/training/fit_table.h>
#include <tapegrad/graph/printable.h>

#include "tasks.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// `names` are those of the columns where the table has no header, as another part of it has them.
Records read_table_of(const po::variables_map& given, const std::vector<std::string>& sources,
                      std::span<const ColumnRule> rules, std::vector<std::string> names,
                      Progress& progress) {
  TableOptions options = plain_table_options(given);
  options.source.query = query_of(given, "query", sources);
  options.names = std::move(names);
  show_reading(options, progress, displayed_all(sources));
  Records records = read_records(sources, options, rules);
  progress.clear();
  std::cerr << describe_read(displayed_all(sources), records.report,
                             fmt::format("{} columns", records.names.size()),
                             given.contains("quiet"));
  return records;
}

// The columns of labels: those that are chosen, or the first with a usual name.
std::vector<std::string> label_columns(const std::vector<std::string>& chosen,
                                       const Records& records) {
  std::vector<std::string> columns;
  for (const std::string& name : chosen)
    columns.push_back(records.names[static_cast<std::size_t>(records.find(name))]);
  if (!columns.empty()) return columns;
  const std::vector<ColumnRule> rule = {
      {.role = "label", .choice = {}, .known_names = class_names, .required = true}};
  const Index found =
      resolve_columns(rule, records.names, static_cast<Index>(records.names.size()), "the table")
          .front();
  columns.push_back(records.names[static_cast<std::size_t>(found)]);
  return columns;
}

// The columns that are looked at, and the kinds that are given.
struct Looked {
  std::vector<std::string> columns;
  std::map<std::string, FieldKind> kinds;
};

Looked looked_at(const po::variables_map& given, const Records& records,
                 const std::vector<std::string>& labels) {
  Looked looked;
  const auto resolved = [&](const char* option) {
    std::vector<std::string> names;
    for (const std::string& name : columns_of(given, option)) {
      const Index column = records.find(name);
      if (column < 0)
        throw DataError(fmt::format("--{}: the table has no column {}", option, in_quotes(name)));
      names.push_back(records.names[static_cast<std::size_t>(column)]);
      if (std::ranges::count(labels, names.back()) > 0)
        throw OptionError(fmt::format("--{}: column {} is the label", option, in_quotes(name)));
    }
    return names;
  };
  looked.columns = resolved("features");
  if (looked.columns.empty()) {
    for (const std::string& name : records.names) {
      if (std::ranges::count(labels, name) == 0) looked.columns.push_back(name);
    }
  }
  for (const auto& [option, kind] :
       {std::pair("categories", FieldKind::category), std::pair("numbers", FieldKind::number)}) {
    for (const std::string& name : resolved(option)) {
      if (std::ranges::count(looked.columns, name) == 0)
        throw OptionError(
            fmt::format("--{}: column {} is none of --features", option, in_quotes(name)));
      if (!looked.kinds.emplace(name, kind).second)
        throw OptionError(fmt::format("--{}: column {} is named before", option, in_quotes(name)));
    }
  }
  return looked;
}

const std::vector<std::string>& column_of(const Records& records, const std::string& name) {
  const Index column = records.find(name);
  if (column < 0) throw DataError(fmt::format("the table has no column {}", in_quotes(name)));
  return records.columns[static_cast<std::size_t>(column)];
}

// Leaves out the rows without one of the labels, and tells how many.
void drop_unlabelled(Records& records, const std::vector<std::string>& labels) {
  std::vector<bool> kept(static_cast<std::size_t>(records.count()), true);
  for (const std::string& name : labels) {
    const std::vector<std::string>& fields = column_of(records, name);
    for (std::size_t i = 0; i < fields.size(); ++i) kept[i] = kept[i] && !fields[i].empty();
  }
  const auto dropped = std::ranges::count(kept, false);
  if (dropped == 0) return;
  std::cerr << fmt::format("left out {} rows without a label\n", dropped);
  for (std::vector<std::string>& column : records.columns) {
    std::vector<std::string> left;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (kept[i]) left.push_back(std::move(column[i]));
    }
    column = std::move(left);
  }
  if (records.count() == 0) throw DataError("expected rows with a label, got none");
}

std::vector<NamedColumn> labels_in(const Records& records, const std::vector<std::string>& names) {
  std::vector<NamedColumn> labels;
  for (const std::string& name : names) labels.push_back({name, column_of(records, name)});
  return labels;
}

// What must be in a table with labels: the columns that are chosen, by name or number, or one with
// a usual name.
std::vector<ColumnRule> label_rules(const std::vector<std::string>& chosen) {
  if (chosen.empty())
    return {{.role = "label", .choice = {}, .known_names = class_names, .required = true}};
  std::vector<ColumnRule> rules;
  for (const std::string& column : chosen)
    rules.push_back({.role = "label", .choice = column, .known_names = {}, .required = true});
  return rules;
}

class TableTask : public TrainingTask {
 public:
  std::vector<ClassifierRow> rows() const override {
    return {table_rows().begin(), table_rows().end()};
  }
  void check(const std::string& model, const ModelSettings& settings) const override {
    check_settings(table_row(model), settings);
  }

  void read(const po::variables_map& given, Progress& progress) override {
    refuse_options_of_others(given, "table", "with task table");
    const ExampleSources sources = example_sources(given);
    const std::vector<std::string> chosen = columns_of(given, "label");
    const std::vector<ColumnRule> rules = label_rules(chosen);
    records_ = read_table_of(given, sources.training, rules, {}, progress);
    const std::vector<std::string> labels = label_columns(chosen, records_);
    looked_ = looked_at(given, records_, labels);
    drop_unlabelled(records_, labels);
    const TableRow& row = table_row(given["model"].as<std::string>());
    const bool numbers =
        predicts_numbers(row, given_settings(given, row, classifier_options::all()));
    const LabelKind kind = numbers ? LabelKind::numbers : LabelKind::classes;
    std::vector<NamedColumn> of_test;
    if (!sources.test.empty()) {
      Records test =
          read_table_of(given, sources.test, rules,
                        records_.has_names ? records_.names : std::vector<std::string>(), progress);
      drop_unlabelled(test, labels);
      of_test = labels_in(test, labels);
      examples_ = examples_of(given, sources, labels_in(records_, labels), of_test, kind);
      for (std::size_t c = 0; c < records_.names.size(); ++c) {
        const bool needed = std::ranges::count(looked_.columns, records_.names[c]) > 0;
        std::vector<std::string> own(static_cast<std::size_t>(test.count()));
        if (needed) own = column_of(test, records_.names[c]);
        records_.columns[c].insert(records_.columns[c].end(), own.begin(), own.end());
      }
    } else {
      examples_ = examples_of(given, sources, labels_in(records_, labels), of_test, kind);
    }
    tell(given);
  }

  std::string fingerprint(std::span<const Index> some) const override {
    return table_fingerprint(records_, looked_.columns, examples_.truth, some);
  }

  Fitted fit(const std::string& name, const ModelSettings& settings,
             const ExampleFitOptions& options, std::span<const Index> some,
             Progress& progress) const override {
    auto model = std::make_unique<TableClassifier>();
    model->name = name;
    const int epochs = fit_table(*model, records_, examples_.truth, examples_.targets, some,
                                 {.settings = settings,
                                  .columns = looked_.columns,
                                  .kinds = looked_.kinds,
                                  .examples = options},
                                 progress);
    return {std::move(model), epochs};
  }

  std::vector<double> outputs(const StoredClassifier& model, std::span<const Index> some,
                              int threads) const override {
    Records own;
    own.names = records_.names;
    for (const std::vector<std::string>& column : records_.columns) {
      own.columns.emplace_back();
      for (const Index i : some) own.columns.back().push_back(column[static_cast<std::size_t>(i)]);
    }
    return table_outputs(static_cast<const TableClassifier&>(model), own, threads);
  }

  void save(const std::string& path, StoredClassifier& model) const override {
    save_table_classifier(path, static_cast<TableClassifier&>(model));
  }

 private:
  // Which columns are numbers and which are categories, by the first round's training.
  void tell(const po::variables_map& given) const {
    const TableEncoder encoder(records_, examples_.rounds.front().training,
                               {.columns = looked_.columns, .kinds = looked_.kinds});
    for (const std::string& note : encoder.notes()) std::cerr << note << '\n';
    if (given.contains("quiet")) return;
    std::vector<std::string> numbers, categories;
    for (const FieldEncoder& field : encoder.fields())
      (field.kind() == FieldKind::number ? numbers : categories).push_back(in_quotes(field.name()));
    const auto list = [](const std::vector<std::string>& names) {
      return names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", "));
    };
    std::cerr << fmt::format("numbers: {}; categories: {}\n", list(numbers), list(categories));
  }

  Records records_;  // of the training, then of the test
  Looked looked_;
};

class SavedTable : public SavedClassifier {
 public:
  explicit SavedTable(const std::string& path) : model_(load_table_classifier(path)) {
    if (model_.parameters) model_.parameters->settle();
  }
  const StoredClassifier& model() const override { return model_; }
  std::string task() const override { return "table"; }

  std::vector<double> ask_one(const po::variables_map&, int) const override {
    throw OptionError("--input has no effect with a model of tables: expected --data");
  }

  Answer ask(const po::variables_map& given, const Question& question,
             Progress& progress) const override {
    refuse_options_of_others(given, "table", "with a model of tables");
    std::vector<std::string> labels = columns_of(given, "label");
    if (labels.empty()) {
      for (const Target& target : model_.targets) labels.push_back(target.name);
    }
    std::vector<ColumnRule> rules =
        question.needs_labels ? label_rules(labels) : std::vector<ColumnRule>();
    for (const FieldEncoder& field : model_.encoder.fields())
      rules.push_back({.role = "feature",
                       .choice = field.name(),
                       .known_names = {},
                       .required = true,
                       .may_share = true});
    Records records = read_table_of(given, sources_of(given, "data"), rules, {}, progress);
    Answer answer;
    if (question.needs_labels) {
      drop_unlabelled(records, labels);
      answer.labels = labels_in(records, labels);
    }
    if (question.id.empty()) {
      for (Index i = 1; i <= records.count(); ++i) answer.ids.push_back(std::to_string(i));
    } else {
      answer.ids = column_of(records, question.id);
    }
    answer.outputs = table_outputs(model_, records, question.threads);
    return answer;
  }

 private:
  TableClassifier model_;
};

}  // namespace

std::unique_ptr<TrainingTask> make_table_task() { return std::make_unique<TableTask>(); }
std::unique_ptr<SavedClassifier> load_table_task(const std::string& path) {
  return std::make_unique<SavedTable>(path);
}

}  // namespace tapegrad::apps
