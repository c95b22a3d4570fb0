// tg-classify train
#include <algorithm>
#include <chrono>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/graph/printable.h>

#include "batch_choice.h"
#include "commands.h"
#include "confusion_options.h"
#include "learning_curve_option.h"
#include "predictions_file.h"
#include "task.h"
#include "tested_classifier.h"
#include "training_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description train_description() {
  po::options_description all = options_group(
      "tg-classify train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  add_options_file(all);
  all.add_options()(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "baselines", po::value<std::string>()->value_name("MODELS"),
      "the simple models that are fitted and tested beside a neural network, with commas between, "
      "or none; default: all that are no neural networks")(
      "json", "print a JSON object as the last line on stdout");
  add_confusion_option(all);
  add_predictions_option(all);
  add_learning_curve_option(all);
  add_training_options(all);
  all.add(classifier_options_description()).add(loop_options_description());
  return all;
}

std::vector<std::string> baselines_of(const po::variables_map& given,
                                      const std::vector<ClassifierRow>& rows,
                                      const ClassifierRow& row, const ModelSettings& settings) {
  if (!row.is_neural()) return {};
  const bool numbers = predicts_numbers(row, settings);
  if (given.contains("baselines")) {
    std::vector<std::string> names = named_baselines(given, rows);
    for (const std::string& name : names) {
      if (row_named(rows, name).only_numbers != numbers)
        throw OptionError(fmt::format("--baselines: {} predicts {}", name,
                                      numbers ? "classes, not numbers" : "numbers, not classes"));
    }
    return names;
  }
  std::vector<std::string> names;
  for (const ClassifierRow& other : rows) {
    if (!other.is_neural() && other.only_numbers == numbers) names.emplace_back(other.name);
  }
  return names;
}

// The baselines on the test of a round, each with its own defaults.
std::vector<TestedClassifier> test_baselines(const std::vector<std::string>& names,
                                             const TrainingTask& task, const Examples::Round& round,
                                             const LoopOptions& loop, bool quiet) {
  std::vector<TestedClassifier> tested;
  if (round.test.empty()) return tested;
  for (const std::string& name : names) {
    ExampleFitOptions options;
    options.loop.seed = loop.seed;
    Progress silent(true);
    if (!quiet) std::cerr << fmt::format("fitting {}\n", name);
    const TrainingTask::Fitted fitted = task.fit(
        name, default_settings(row_named(task.rows(), name)), options, round.training, silent);
    tested.push_back(test_outputs(*fitted.model,
                                  task.outputs(*fitted.model, round.test, loop.threads),
                                  task.examples().truth, round.test));
  }
  return tested;
}

// What must be the same for a checkpoint to go on.
std::string identity_of(const std::string& name, const ClassifierRow& row,
                        const ClassifierFitOptions& options, const TrainingTask& task) {
  std::string targets;
  for (const std::string& target : task.examples().targets) targets += in_quotes(target);
  return fmt::format("{}; {}; refit {}; balanced {}; precision {}; task {}; targets {}; data {}",
                     identity_of(row, options.settings), identity_of(options.examples.loop),
                     options.examples.refit, options.examples.balanced, options.examples.precision,
                     name, targets, task.fingerprint(task.examples().rounds.front().training));
}

// The result of a single round, and of several.
std::string tell_round(const TestedClassifier& tested,
                       const std::vector<TestedClassifier>& baselines, nlohmann::json& json) {
  json["targets"] = reports_json(tested);
  std::string text = reports_text(tested);
  for (const TestedClassifier& baseline : baselines) {
    json["baselines"].push_back({{"model", baseline.name}, {"targets", reports_json(baseline)}});
    text += reports_text(baseline);
  }
  if (!baselines.empty()) text += against_best(tested, baselines, json["against"]);
  return text;
}

std::string tell_folds(const std::vector<TestedClassifier>& folds,
                       const std::vector<std::vector<TestedClassifier>>& baselines,
                       nlohmann::json& json) {
  json["folds"] = folds.size();
  json["targets"] = folds_json(folds);
  std::string text = folds_text(folds);
  std::vector<TestedClassifier> others;
  for (std::size_t b = 0; b < baselines.front().size(); ++b) {
    std::vector<TestedClassifier> own;
    for (const auto& fold : baselines) own.push_back(fold[b]);
    others.push_back(pooled(own));
    json["baselines"].push_back({{"model", own.front().name}, {"targets", folds_json(own)}});
    text += folds_text(own);
  }
  if (!others.empty()) text += against_best(pooled(folds), others, json["against"]);
  return text;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto parsed = parse(train_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const auto task_name = given["task"].as<std::string>(), name = given["model"].as<std::string>();
  const std::unique_ptr<TrainingTask> task = make_task(task_name);
  const std::vector<ClassifierRow> rows = task->rows();
  const ClassifierRow& row = row_named(rows, name);
  ClassifierFitOptions options = fit_options(given, *task, row);
  const bool chooses_batch = row.is_neural() && options.settings.is_auto(classifier_options::batch);
  if (chooses_batch)
    refuse_given(given, {"checkpoint"},
                 "with --batch auto, whose size another run may choose otherwise: give the size "
                 "that was found");
  LoopOptions& loop = options.examples.loop;
  const std::vector<std::string> baselines = baselines_of(given, rows, row, options.settings);
  if (!row.is_neural()) refuse_given(given, {"baselines"}, fmt::format("with model {}", name));
  if (given.contains("folds")) refuse_given(given, {"confusion", "learning-curve"}, "with --folds");
  const std::string curve = learning_curve_file(given);
  confusion_files(given, 1);  // for its errors
  std::vector<std::string> outputs;
  for (const char* option : {"out", "confusion", "learning-curve", "predictions"}) {
    if (given.contains(option)) outputs.push_back(given[option].as<std::string>());
  }
  check_run_files(given, loop, outputs);
  const bool quiet = given.contains("quiet");
  Progress progress(quiet);
  task->read(given, progress);
  loop.identity = identity_of(task_name, row, options, *task);
  const Examples& examples = task->examples();
  for (const char* option : {"learning-curve", "predictions", "confusion"}) {
    if (given.contains(option) && examples.rounds.front().test.empty())
      throw OptionError(
          fmt::format("--{} needs a test: expected --test, or --test-fraction above 0", option));
  }
  const bool has_folds = examples.rounds.size() > 1;
  nlohmann::json json = {{"model", name}, {"task", task_name}};
  std::vector<TestedClassifier> tested;
  std::vector<std::vector<TestedClassifier>> beside;
  TrainingTask::Fitted fitted;
  for (const Examples::Round& round : examples.rounds) {
    if (has_folds)
      loop.part = fmt::format("fold {} of {}, ", tested.size() + 1, examples.rounds.size());
    if (chooses_batch) {
      options.settings.set(classifier_options::batch, "auto");
      const std::vector<TriedBatch> tried =
          try_batches(*task, name, options, round.training, progress);
      if (!quiet) std::cerr << batches_text(tried);
      json["batches"].push_back(batches_json(tried));
      options.settings.set(classifier_options::batch, std::to_string(best_batch(tried)));
    }
    fitted = task->fit(name, options.settings, options.examples, round.training, progress);
    if (has_folds)
      json["epochs"].push_back(fitted.epochs);
    else
      json["epochs"] = fitted.epochs;
    tested.push_back(test_outputs(*fitted.model,
                                  task->outputs(*fitted.model, round.test, loop.threads),
                                  examples.truth, round.test));
    beside.push_back(test_baselines(baselines, *task, round, loop, quiet));
  }
  if (given.contains("out")) {
    fitted.model->described = examples.described;
    const auto path = given["out"].as<std::string>();
    task->save(path, *fitted.model);
    if (!quiet) std::cerr << fmt::format("{}: saved {}, {}\n", path, name, examples.described);
  }
  std::string text;
  if (has_folds) {
    text = tell_folds(tested, beside, json);
  } else if (examples.rounds.front().test.empty()) {
    text = fmt::format("{}: trained, not evaluated (no test)\n", name);
  } else {
    text = tell_round(tested.front(), beside.front(), json);
    write_confusion(confusion_files(given, examples.targets.size()), tested.front().reports);
    if (!curve.empty()) {
      const Examples::Round& round = examples.rounds.front();
      std::vector<SizeOfTraining> sizes = fit_to_parts(*task, name, options, round, progress);
      sizes.push_back({static_cast<Index>(round.training.size()), tested.front()});
      write_learning_curve(curve, sizes);
      json["learning_curve"] = sizes_json(sizes);
      text += sizes_text(sizes);
    }
  }
  if (given.contains("predictions"))
    write_text_file(given["predictions"].as<std::string>(),
                    predictions_csv(examples, fitted.model->targets, tested));
  json["seed"] = loop.seed;
  json["options"] = options_json(row, fitted.model->settings);
  json["data"] = fitted.model->fingerprint;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << (given.contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
