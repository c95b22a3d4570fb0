// tg-classify evaluate
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>

#include "commands.h"
#include "confusion_options.h"
#include "model_files.h"
#include "task.h"
#include "tested_classifier.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description evaluate_description() {
  po::options_description all =
      options_group("tg-classify evaluate: judges a model on examples with labels");
  add_help(all);
  add_model_files_option(all);
  add_sources_option(all, "data", "the examples to judge on (required)");
  add_confusion_option(all);
  add_task_options(all);
  all.add_options()("threads", po::value<int>()->value_name("N")->default_value(2),
                    "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr")("json",
                                                           "print a JSON object instead of text");
  return all;
}

}  // namespace

int run_evaluate(const std::vector<std::string>& arguments) {
  const auto parsed = parse(evaluate_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const std::vector<std::string> paths = model_files(given);
  const std::unique_ptr<SavedClassifier> saved = load_classifiers(paths);
  const StoredClassifier& model = saved->model();
  if (model.predicts_numbers())
    refuse_given(given, {"confusion"}, "with a model that predicts numbers");
  const std::vector<std::string> matrices = confusion_files(given, model.targets.size());
  std::vector<std::string> inputs = sources_of(given, "data");
  if (inputs.empty()) throw OptionError("expected --data");
  inputs.insert(inputs.end(), paths.begin(), paths.end());
  check_files(inputs, matrices);
  Progress progress(given.contains("quiet"));
  const SavedClassifier::Answer asked = saved->ask(
      given, {.needs_labels = true, .threads = bounded(given, "threads", 1, 1024)}, progress);
  if (asked.labels.size() != model.targets.size())
    throw OptionError(
        fmt::format("--label: expected a column for each of the model's {} targets, got {}",
                    model.targets.size(), asked.labels.size()));
  std::vector<Labels> truth;
  std::vector<Index> all;
  for (std::size_t i = 0; i < asked.ids.size(); ++i) all.push_back(static_cast<Index>(i));
  const LabelKind kind = model.predicts_numbers() ? LabelKind::numbers : LabelKind::classes;
  for (std::size_t t = 0; t < model.targets.size(); ++t)
    truth.push_back(
        read_labels(sources_of(given, "data"), asked.labels[t], kind, &model.targets[t].classes));
  const TestedClassifier tested = test_outputs(model, asked.outputs, truth, all);
  write_confusion(matrices, tested.reports);
  nlohmann::json json = {
      {"model", model.name}, {"task", saved->task()}, {"targets", reports_json(tested)}};
  std::cout << (given.contains("json") ? json_line(json) : reports_text(tested));
  return 0;
}

}  // namespace tapegrad::apps
