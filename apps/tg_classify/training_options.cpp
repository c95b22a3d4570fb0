#include "training_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

// The help of --model, by task.
std::string all_models_help() {
  std::vector<std::string> parts;
  for (const std::string& task : task_names()) {
    std::vector<std::string> models;
    for (const ClassifierRow& row : make_task(task)->rows())
      models.push_back(fmt::format("{} ({})", row.name, row.summary));
    parts.push_back(fmt::format("task {}: {}", task, fmt::join(models, "; ")));
  }
  return fmt::format("which model is fitted (required); {}", fmt::join(parts, "; "));
}

}  // namespace

po::options_description classifier_options_description() {
  std::vector<TaskDefaults> others;
  for (const std::string& task : task_names()) {
    if (task != task_names().front())
      others.push_back(task_defaults(task, make_task(task)->rows()));
  }
  po::options_description models = row_options_description(
      "Models", make_task(task_names().front())->rows(), classifier_options::all(), others);
  models.add_options()(
      "class-weights", po::value<std::string>()->value_name("NAME"),
      "how much an example of each class counts while a network trains: same, or balanced (each "
      "class together the same); default: same")(
      "precision", po::value<double>()->value_name("NUMBER"),
      "of two classes, the precision on the validation part that the threshold is chosen for, "
      "above 0 to 1; default: the threshold is 0.5")(
      "no-refit",
      "keep the best weights of the choice of epochs, instead of training anew on everything");
  return models;
}

void add_training_options(po::options_description& description) {
  description.add_options()(
      "task", po::value<std::string>()->value_name("NAME")->default_value("text"),
      "what is classified: texts (text), the rows of a table (table), pictures (images) or trees "
      "of words (trees)")("model", po::value<std::string>()->value_name("MODEL")->required(),
                          all_models_help().c_str());
  add_examples_options(description);
  add_task_options(description);
  description.add_options()(
      "features", po::value<std::string>()->value_name("COLUMNS"),
      "task table: the columns that are looked at, with commas between; default: all but the "
      "labels")("categories", po::value<std::string>()->value_name("COLUMNS"),
                "task table: columns that are categories, though their fields may be numbers; "
                "default: those with a field that is no number")(
      "numbers", po::value<std::string>()->value_name("COLUMNS"),
      "task table: columns that are numbers, whatever else counts as missing; default: those "
      "whose fields are numbers or missing")(
      "size", po::value<Index>()->value_name("PIXELS"),
      "task images: the side of the squares that pictures are made alike to, from 1 to 1024; "
      "default: the largest side of the pictures, at most 64")(
      "colours", po::value<std::string>()->value_name("NAME"),
      "task images: grey or rgb; default: rgb where pictures have colours");
  add_run_options(description);
}

ClassifierFitOptions fit_options(const po::variables_map& given, const TrainingTask& task,
                                 const ClassifierRow& row) {
  ClassifierFitOptions options;
  options.settings = given_settings(given, row, classifier_options::all());
  task.check(std::string(row.name), options.settings);
  ExampleFitOptions& examples = options.examples;
  if (!row.is_neural()) {
    const std::string where = fmt::format("with model {}", row.name);
    refuse_given(given, {"class-weights", "no-refit"}, where);
    for (const std::string& name : names_of(loop_options_description())) {
      if (is_given(given, name)) refuse_given(given, {name}, where);
    }
    examples.loop.seed = seed_of(given);
    examples.loop.threads = bounded(given, "threads", 1, 1024);
  } else {
    examples.loop = loop_options(given, row.loop);
    examples.refit = !given.contains("no-refit");
    if (given.contains("epochs"))
      refuse_given(given, {"no-refit"}, "with --epochs, which are not chosen then");
  }
  if (predicts_numbers(row, options.settings))
    refuse_given(given, {"class-weights", "precision", "confusion"},
                 "where numbers are predicted, which have no classes");
  if (given.contains("class-weights")) {
    const auto name = given["class-weights"].as<std::string>();
    if (name != "same" && name != "balanced")
      throw OptionError(
          fmt::format("--class-weights must be same or balanced, got {}", in_quotes(name)));
    examples.balanced = name == "balanced";
  }
  if (given.contains("precision")) {
    examples.precision = bounded(given, "precision", 0.0, 1.0);
    if (examples.precision == 0.0) throw OptionError("--precision must be above 0, to 1, got 0");
  }
  return options;
}

void check_run_files(const po::variables_map& given, const LoopOptions& loop,
                     std::vector<std::string> outputs) {
  std::vector<std::string> inputs;
  for (const std::string& path : outputs_of(loop)) outputs.push_back(path);
  for (const char* name : {"data", "train", "test"}) {
    for (const std::string& source : sources_of(given, name)) inputs.push_back(source);
  }
  check_files(inputs, outputs);
}

}  // namespace tapegrad::apps
