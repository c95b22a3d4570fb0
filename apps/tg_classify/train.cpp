// tg-classify train
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/class_report.h>
#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/training/fit_text.h>

#include "commands.h"
#include "confusion_options.h"
#include "tested_texts.h"
#include "text_data.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all = options_group(
      "tg-classify train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  add_options_file(all);
  all.add_options()("task", po::value<std::string>()->value_name("NAME")->default_value("text"),
                    "what is classified: texts (text)")(
      "model", po::value<std::string>()->value_name("MODEL")->required(),
      models_help(text_rows()).c_str());
  add_sources_option(all, "data",
                     "the examples, which are split into a training and a test, each class in its "
                     "share (required without --train)");
  add_sources_option(all, "train", "the examples to train on (required without --data)");
  add_sources_option(all, "test",
                     "the examples to judge on; default: none, with --data a part of it");
  all.add_options()(
      "test-fraction", po::value<double>()->value_name("NUMBER"),
      "with --data, the part of the examples to test on, from 0 (none) to 0.99; default: 0.2")(
      "folds", po::value<Index>()->value_name("N"),
      "with --data, cross-validation: N models are trained, each on all but one of N parts, and "
      "tested on that one, from 2 on; default: one model is")(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "baselines", po::value<std::string>()->value_name("MODELS"),
      "the models of counts that are fitted and tested beside a neural network, with commas "
      "between, or none; default: logistic-regression, linear-svm and naive-bayes")(
      "json", "print a JSON object as the last line on stdout");
  add_confusion_option(all);
  add_text_options(all);
  add_run_options(all);
  po::options_description models =
      row_options_description("Models", text_rows(), text_options::all());
  models.add_options()(
      "class-weights", po::value<std::string>()->value_name("NAME"),
      "how much an example of each class counts while a network trains: same, or balanced (each "
      "class together the same); default: same")(
      "precision", po::value<double>()->value_name("NUMBER"),
      "of two classes, the precision on the validation part that the threshold is chosen for, "
      "above 0 to 1; default: the threshold is 0.5")(
      "no-refit",
      "keep the best weights of the choice of epochs, instead of training anew on everything");
  all.add(models).add(loop_options_description());
  return all;
}

TextFitOptions fit_options(const po::variables_map& given, const TextRow& row) {
  TextFitOptions options;
  options.settings = given_settings(given, row, text_options::all());
  check_settings(row, options.settings);
  if (!row.is_neural()) {
    refuse_given(given, {"class-weights", "no-refit", "baselines"},
                 fmt::format("with model {}", row.name));
    for (const std::string& name : names_of(loop_options_description())) {
      if (is_given(given, name))
        refuse_given(given, {name}, fmt::format("with model {}", row.name));
    }
    options.examples.loop.seed = seed_of(given);
    options.examples.loop.threads = bounded(given, "threads", 1, 1024);
  } else {
    options.examples.loop = loop_options(given, row.loop);
    options.examples.refit = !given.contains("no-refit");
    if (given.contains("epochs"))
      refuse_given(given, {"no-refit"}, "with --epochs, which are not chosen then");
  }
  if (given.contains("class-weights")) {
    const auto name = given["class-weights"].as<std::string>();
    if (name != "same" && name != "balanced")
      throw OptionError(
          fmt::format("--class-weights must be same or balanced, got {}", in_quotes(name)));
    options.examples.balanced = name == "balanced";
  }
  if (given.contains("precision")) {
    options.examples.precision = bounded(given, "precision", 0.0, 1.0);
    if (options.examples.precision == 0.0)
      throw OptionError("--precision must be above 0, to 1, got 0");
  }
  return options;
}

std::vector<std::string> baselines_of(const po::variables_map& given, const TextRow& row) {
  if (!row.is_neural()) return {};
  if (given.contains("baselines")) return named_baselines(given, text_rows());
  std::vector<std::string> names;
  for (const TextRow& other : text_rows()) {
    if (!other.is_neural()) names.emplace_back(other.name);
  }
  return names;
}

// The baselines on the test of a round, each with its own defaults.
std::vector<TestedClassifier> test_baselines(const std::vector<std::string>& names,
                                             const TextData& data, const TextData::Round& round,
                                             const LoopOptions& loop, bool quiet) {
  std::vector<TestedClassifier> tested;
  for (const std::string& name : names) {
    TextClassifier model;
    model.name = name;
    TextFitOptions options{.settings = default_settings(text_row(name)), .examples = {}};
    options.examples.loop.seed = loop.seed;
    Progress silent(true);
    if (!quiet) std::cerr << fmt::format("fitting {}\n", name);
    fit_text(model, data.texts, data.truth, data.targets, round.training, options, silent);
    tested.push_back(test_texts(model, data.texts, data.truth, round.test, loop.threads));
  }
  return tested;
}

std::string identity_of(const TextRow& row, const TextFitOptions& options, const TextData& data) {
  std::string targets;
  for (const std::string& name : data.targets) targets += in_quotes(name);
  return fmt::format("{}; {}; refit {}; balanced {}; precision {}; task text; targets {}; data {}",
                     identity_of(row, options.settings), identity_of(options.examples.loop),
                     options.examples.refit, options.examples.balanced, options.examples.precision,
                     targets,
                     text_fingerprint(data.texts, data.truth, data.rounds.front().training));
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
  for (std::size_t b = 0; b < baselines.front().size(); ++b) {
    std::vector<TestedClassifier> own;
    for (const auto& fold : baselines) own.push_back(fold[b]);
    json["baselines"].push_back({{"model", own.front().name}, {"targets", folds_json(own)}});
    text += folds_text(own);
  }
  return text;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const po::options_description options_of = description();
  const auto parsed = parse(options_of, arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  if (const auto task = given["task"].as<std::string>(); task != "text")
    throw OptionError(fmt::format("--task must be text, got {}", in_quotes(task)));
  TextClassifier model;
  model.name = given["model"].as<std::string>();
  const TextRow& row = text_row(model.name);
  TextFitOptions options = fit_options(given, row);
  const std::vector<std::string> baselines = baselines_of(given, row);
  std::vector<std::string> inputs, outputs = outputs_of(options.examples.loop);
  for (const char* name : {"data", "train", "test"}) {
    for (const std::string& source : sources_of(given, name)) inputs.push_back(source);
  }
  for (const char* name : {"out", "confusion"}) {
    if (given.contains(name)) outputs.push_back(given[name].as<std::string>());
  }
  if (given.contains("folds")) refuse_given(given, {"confusion"}, "with --folds");
  confusion_files(given, 1);  // for its errors
  check_files(inputs, outputs);
  const bool quiet = given.contains("quiet");
  Progress progress(quiet);
  const TextData data = read_text_data(given, progress);
  options.examples.loop.identity = identity_of(row, options, data);
  const int threads = options.examples.loop.threads;
  nlohmann::json json = {{"model", model.name}, {"task", "text"}};
  std::vector<TestedClassifier> tested;
  std::vector<std::vector<TestedClassifier>> beside;
  for (const TextData::Round& round : data.rounds) {
    if (data.rounds.size() > 1)
      options.examples.loop.part =
          fmt::format("fold {} of {}, ", tested.size() + 1, data.rounds.size());
    json["epochs"].push_back(
        fit_text(model, data.texts, data.truth, data.targets, round.training, options, progress));
    tested.push_back(test_texts(model, data.texts, data.truth, round.test, threads));
    beside.push_back(round.test.empty()
                         ? std::vector<TestedClassifier>()
                         : test_baselines(baselines, data, round, options.examples.loop, quiet));
  }
  if (data.rounds.size() == 1) json["epochs"] = json["epochs"][0];
  if (given.contains("out")) {
    model.described = data.described;
    model.text_columns = data.text_columns;
    const auto path = given["out"].as<std::string>();
    save_text_classifier(path, model);
    if (!quiet) std::cerr << fmt::format("{}: saved {}, {}\n", path, model.name, model.described);
  }
  std::string text;
  if (data.rounds.size() > 1) {
    text = tell_folds(tested, beside, json);
  } else if (data.rounds.front().test.empty()) {
    text = fmt::format("{}: trained, not evaluated (no test)\n", model.name);
  } else {
    text = tell_round(tested.front(), beside.front(), json);
    write_confusion(confusion_files(given, tested.front().reports.size()), tested.front().reports);
  }
  json["seed"] = options.examples.loop.seed;
  json["options"] = options_json(row, model.settings);
  json["data"] = model.fingerprint;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << (given.contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
