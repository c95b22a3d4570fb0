// Trees with labels.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/fit_trees.h>
#include <tapegrad/apps/trees/labelled_trees.h>
#include <tapegrad/apps/trees/tree_row.h>

#include "tasks.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

LabelledTrees read_trees(const po::variables_map& given, const std::vector<std::string>& sources,
                         bool needs_labels, Progress& progress) {
  LabelledTreeOptions options;
  options.table = plain_table_options(given);
  options.label_columns = columns_of(given, "label");
  options.needs_labels = needs_labels;
  if (given.contains("attributes"))
    options.attributes = given["attributes"].as<std::string>();
  else if (needs_labels)
    refuse_given(given, {"label"}, "with trees without --attributes");
  progress.begin(displayed_all(sources));
  LabelledTrees trees = read_labelled_trees(sources, options);
  progress.clear();
  if (!given.contains("quiet") || trees.without_label > 0) {
    const std::string left_out =
        trees.without_label == 0
            ? std::string()
            : fmt::format("; left out {} without a label", trees.without_label);
    std::cerr << fmt::format("{}: read {} trees{}\n", displayed_all(sources), trees.trees.size(),
                             left_out);
  }
  return trees;
}

class TreeTask : public TrainingTask {
 public:
  std::vector<ClassifierRow> rows() const override {
    return {tree_rows().begin(), tree_rows().end()};
  }
  void check(const std::string& model, const ModelSettings& settings) const override {
    check_settings(tree_row(model), settings);
  }

  void read(const po::variables_map& given, Progress& progress) override {
    refuse_options_of_others(given, "trees", "with task trees");
    const ExampleSources sources = example_sources(given);
    LabelledTrees training = read_trees(given, sources.training, true, progress), test;
    if (!sources.test.empty()) test = read_trees(given, sources.test, true, progress);
    examples_ = examples_of(given, sources, training.labels, test.labels);
    trees_.trees = std::move(training.trees);
    std::ranges::move(test.trees, std::back_inserter(trees_.trees));
    for (std::size_t t = 0; t < training.node_labels.size(); ++t) {
      std::vector<std::string> labels = std::move(training.node_labels[t].fields);
      if (!test.node_labels.empty())
        std::ranges::move(test.node_labels[t].fields, std::back_inserter(labels));
      trees_.node_classes.push_back(labels_of(labels, examples_.truth[t].classes).of);
    }
  }

  std::string fingerprint(std::span<const Index> some) const override {
    return tree_fingerprint(trees_, examples_.truth, some);
  }

  Fitted fit(const std::string& name, const ModelSettings& settings,
             const ExampleFitOptions& options, std::span<const Index> some,
             Progress& progress) const override {
    auto model = std::make_unique<TreeClassifier>();
    model->name = name;
    const int epochs = fit_trees(*model, trees_, examples_.truth, examples_.targets, some,
                                 {.settings = settings, .examples = options}, progress);
    return {std::move(model), epochs};
  }

  std::vector<double> outputs(const StoredClassifier& model, std::span<const Index> some,
                              int threads) const override {
    std::vector<Tree> own;
    for (const Index i : some) own.push_back(trees_.trees[static_cast<std::size_t>(i)]);
    return tree_outputs(static_cast<const TreeClassifier&>(model), own, threads);
  }

  void save(const std::string& path, StoredClassifier& model) const override {
    save_tree_classifier(path, static_cast<TreeClassifier&>(model));
  }

 private:
  TreeExamples trees_;  // of the training, then of the test
};

class SavedTrees : public SavedClassifier {
 public:
  explicit SavedTrees(const std::string& path) : model_(load_tree_classifier(path)) {
    model_.parameters->settle();
  }
  const StoredClassifier& model() const override { return model_; }
  std::string task() const override { return "trees"; }
  Index vector_width() const override { return model_.network->width(); }

  std::vector<double> ask_one(const po::variables_map& given, int threads) const override {
    const Tree tree = parse_tree(given["input"].as<std::string>(), "--input", 1);
    return tree_outputs(model_, {&tree, 1}, threads);
  }

  Answer ask(const po::variables_map& given, const Question& question,
             Progress& progress) const override {
    refuse_options_of_others(given, "trees", "with a model of trees");
    if (!question.id.empty()) throw OptionError("--id has no effect with a model of trees");
    LabelledTrees read =
        read_trees(given, sources_of(given, "data"), question.needs_labels, progress);
    Answer answer;
    answer.labels = std::move(read.labels);
    for (std::size_t i = 1; i <= read.trees.size(); ++i) answer.ids.push_back(std::to_string(i));
    answer.outputs = question.wants_vectors ? tree_vectors(model_, read.trees, question.threads)
                                            : tree_outputs(model_, read.trees, question.threads);
    return answer;
  }

 private:
  TreeClassifier model_;
};

}  // namespace

std::unique_ptr<TrainingTask> make_tree_task() { return std::make_unique<TreeTask>(); }
std::unique_ptr<SavedClassifier> load_tree_task(const std::string& path) {
  return std::make_unique<SavedTrees>(path);
}

}  // namespace tapegrad::apps
