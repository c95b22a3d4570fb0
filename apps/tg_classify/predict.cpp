// tg-classify predict
#include <algorithm>
#include <iostream>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/graph/printable.h>

#include "commands.h"
#include "model_files.h"
#include "task.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description predict_description() {
  po::options_description all =
      options_group("tg-classify predict: says what class examples are of, or what number");
  add_help(all);
  add_model_files_option(all);
  all.add_options()("input", po::value<std::string>()->value_name("TEXT"),
                    "one text, or the file of one picture (required without --data)");
  add_sources_option(all, "data", "the examples (required without --input)");
  all.add_options()(
      "id", po::value<std::string>()->value_name("COLUMN"),
      "with --data, the column that names the examples in the output; default: the files of "
      "pictures, the numbers of other examples from 1 on")(
      "k", po::value<Index>()->value_name("N")->default_value(1),
      "how many of the most probable classes are shown, from 1 on")(
      "out", po::value<std::string>()->value_name("FILE"),
      "a CSV file to write to, with the columns id and for each target its class and the "
      "probability of it, or its number, which tg-recommend reads as a table of items; default: "
      "lines of "
      "text on stdout");
  all.add_options()("text", po::value<std::string>()->value_name("COLUMNS"),
                    "of a model of texts, the columns of the text; default: those of the training");
  add_image_options(all);
  add_plain_table_options(all);
  all.add_options()("threads", po::value<int>()->value_name("N")->default_value(2),
                    "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr")(
      "json", "print a JSON object an example instead of text");
  return all;
}

// What the examples are called, and what the model says of them.
struct Said {
  std::vector<std::string> ids;
  std::vector<Target> targets;
  // By target, either of classes or of numbers.
  std::vector<ClassPredictions> predictions;
  std::vector<std::vector<double>> numbers;

  Said(std::vector<std::string> names, const StoredClassifier& model,
       std::span<const double> outputs)
      : ids(std::move(names)), targets(model.targets) {
    if (model.predicts_numbers())
      numbers = model.numbers(outputs);
    else
      predictions = model.predictions(outputs);
  }
};

void tell(const po::variables_map& given, const StoredClassifier& model) {
  if (given.contains("quiet")) return;
  std::cerr << fmt::format("{}: {}, {}\n", fmt::join(model_files(given), ", "), model.name,
                           model.described);
}

Said say(const po::variables_map& given) {
  const std::vector<std::string> paths = model_files(given);
  const int threads = bounded(given, "threads", 1, 1024);
  if (given.contains("input")) {
    refuse_given(given,
                 {"data", "id", "text", "image", "skip-bad-images", "delimiter", "header", "query",
                  "encoding", "skip-bad-lines", "max-unpacked"},
                 "with --input, which is one example");
    const std::unique_ptr<SavedClassifier> saved = load_classifiers(paths);
    tell(given, saved->model());
    return {{"1"}, saved->model(), saved->ask_one(given, threads)};
  }
  if (!given.contains("data")) throw OptionError("expected --data or --input");
  const std::unique_ptr<SavedClassifier> saved = load_classifiers(paths);
  tell(given, saved->model());
  Progress progress(given.contains("quiet"));
  const std::string id = given.contains("id") ? given["id"].as<std::string>() : "";
  SavedClassifier::Answer answer = saved->ask(given, {.id = id, .threads = threads}, progress);
  return {std::move(answer.ids), saved->model(), answer.outputs};
}

// The classes by their probabilities, the predicted one first.
std::vector<Index> order_of(const Target& target, std::span<const double> probabilities) {
  std::vector<Index> order(probabilities.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](Index c) { return probabilities[static_cast<std::size_t>(c)]; });
  const Index first = target.predicted(probabilities);
  const auto at = std::ranges::find(order, first);
  std::rotate(order.begin(), at, at + 1);
  return order;
}

std::string csv_of(const Said& said) {
  std::string csv = "id";
  for (const Target& target : said.targets) {
    csv += fmt::format(",{}", csv_field(target.name));
    if (!target.number) csv += fmt::format(",{}", csv_field(target.name + " probability"));
  }
  csv += '\n';
  for (std::size_t i = 0; i < said.ids.size(); ++i) {
    csv += csv_field(said.ids[i]);
    for (const std::vector<double>& numbers : said.numbers) csv += fmt::format(",{}", numbers[i]);
    for (std::size_t t = 0; t < said.predictions.size(); ++t) {
      const auto row = said.predictions[t].row(static_cast<Index>(i));
      const Index first = said.targets[t].predicted(row);
      csv += fmt::format(",{},{:.6f}", csv_field(said.targets[t].classes.name(first)),
                         row[static_cast<std::size_t>(first)]);
    }
    csv += '\n';
  }
  return csv;
}

}  // namespace

int run_predict(const std::vector<std::string>& arguments) {
  const auto parsed = parse(predict_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const std::vector<std::string> paths = model_files(given);
  const Index k = bounded(given, "k", Index{1}, Index{1} << 30);
  std::vector<std::string> inputs = sources_of(given, "data"), outputs;
  inputs.insert(inputs.end(), paths.begin(), paths.end());
  if (given.contains("out")) {
    refuse_given(given, {"json"}, "with --out, which writes CSV");
    if (is_given(given, "k")) refuse_given(given, {"k"}, "with --out");
    outputs.push_back(given["out"].as<std::string>());
  }
  check_files(inputs, outputs);
  const Said said = say(given);
  if (!said.numbers.empty() && is_given(given, "k"))
    refuse_given(given, {"k"}, "with a model that predicts numbers");
  if (!outputs.empty()) {
    write_text_file(outputs.front(), csv_of(said));
    if (!given.contains("quiet"))
      std::cerr << fmt::format("{}: wrote {} rows\n", outputs.front(), said.ids.size());
    return 0;
  }
  for (std::size_t i = 0; i < said.ids.size(); ++i) {
    nlohmann::json json = {{"id", said.ids[i]}};
    std::string text = printable(said.ids[i]);
    for (std::size_t t = 0; t < said.numbers.size(); ++t) {
      const double number = said.numbers[t][i];
      text += fmt::format("  {} {}", printable(said.targets[t].name), number);
      json["targets"].push_back({{"target", said.targets[t].name}, {"value", number}});
    }
    for (std::size_t t = 0; t < said.predictions.size(); ++t) {
      const Target& target = said.targets[t];
      const auto row = said.predictions[t].row(static_cast<Index>(i));
      std::vector<Index> order = order_of(target, row);
      order.resize(std::min(order.size(), static_cast<std::size_t>(k)));
      nlohmann::json classes = nlohmann::json::array();
      for (const Index c : order) {
        const double probability = row[static_cast<std::size_t>(c)];
        classes.push_back({{"class", target.classes.name(c)}, {"probability", probability}});
        text += fmt::format("  {} {:.4f}", printable(target.classes.name(c)), probability);
      }
      json["targets"].push_back({{"target", target.name}, {"classes", std::move(classes)}});
    }
    std::cout << (given.contains("json") ? json_line(json) : text + "\n");
  }
  return 0;
}

}  // namespace tapegrad::apps
