// tg-recommend train
#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/baselines/rating_biases.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/report.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/training/baselines.h>

#include "commands.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description train_description() {
  po::options_description all = options_group(
      "tg-recommend train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  all.add_options()(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "baselines", po::value<std::string>()->value_name("MODELS"),
      "the simple models that are fitted and tested beside a neural network, with commas between, "
      "such as popularity,ials, or none; default: those that suit the protocol and the number of "
      "items")("json", "print a JSON object as the last line on stdout");
  add_options_file(all);
  add_training_options(all);
  return all;
}

// Which baselines are trained beside the model.
std::vector<std::string> baselines_of(const po::variables_map& given, const TrainingSetup& setup) {
  if (!setup.row->is_neural())
    refuse_given(given, {"baselines"}, fmt::format("with model {}", setup.row->name));
  if (setup.data.protocol == "none") refuse_given(given, {"baselines"}, "with protocol none");
  if (!setup.row->is_neural() || setup.data.protocol == "none") return {};
  if (given.contains("baselines")) return named_baselines(given, model_rows());
  if (predicts_ratings(setup.options)) return {};  // these are compared with biases
  std::vector<std::string> left_out;
  auto names = suitable_baselines(setup.split(), setup.options.item_features != nullptr, left_out);
  for (const std::string& sentence : left_out) {
    if (!setup.data.quiet) std::cerr << sentence << '\n';
  }
  return names;
}

nlohmann::json result_json(const RankingResult& result, const TrainingSetup& setup,
                           const FitResult& fitted, double seconds) {
  nlohmann::json json = to_json(result);
  json["epochs"] = fitted.epochs;
  json["seconds"] = seconds;
  json["seed"] = setup.options.loop.seed;
  json["options"] = options_json(*setup.row, fitted.settings);
  return json;
}

// The figures of the baselines, and how the model compares with the best of them.
void add_baselines(nlohmann::json& json, std::string& text, const std::vector<Baseline>& baselines,
                   const TestedModel& tested, int k) {
  for (const Baseline& one : baselines) {
    const RankingResult& result = one.tested.result;
    nlohmann::json own = to_json(result);
    own["options"] = options_json(model_row(result.model), one.settings);
    json["baselines"].push_back(std::move(own));
    text += to_text(result) + '\n';
  }
  const Baseline* best = best_of(baselines);
  if (best == nullptr) return;
  const Comparison comparison = compare(tested.ranked, best->tested.ranked, k);
  const std::string& other = best->tested.result.model;
  json["against_best_baseline"] = to_json(comparison, other);
  text += to_text(comparison, tested.result.model, other) + '\n';
}

// What ratings are predicted with where nothing is known of tastes.
void add_rating_biases(nlohmann::json& json, std::string& text, const TrainingSetup& setup) {
  const Split& split = setup.split();
  const RatingErrors errors =
      rating_errors(RatingBiases(split.training), split.tested, setup.options.loop.threads);
  json["rating_biases"] = {{"rmse", errors.rmse}, {"mae", errors.mae}};
  text += fmt::format("biases of users and items alone: RMSE {:.4f} MAE {:.4f}\n", errors.rmse,
                      errors.mae);
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto given = parse(train_description(), arguments);
  if (!given) return 0;
  std::vector<std::string> outputs;
  if (given->contains("out")) outputs.push_back((*given)["out"].as<std::string>());
  Progress progress(given->contains("quiet"));
  const TrainingSetup setup = read_training(*given, outputs, progress);
  const Split& split = setup.split();
  const std::vector<std::string> baselines = baselines_of(*given, setup);
  StoredModel model = setup.model();
  const FitResult fitted = fit_interactions(model, split, setup.options, progress);
  if (given->contains("out")) {
    save_model(outputs.front(), model);
    if (!setup.data.quiet)
      std::cerr << fmt::format("{}: saved {}, {}\n", outputs.front(), model.name, model.described);
  }
  const int k = setup.options.k;
  const TestedModel tested = test_model(model, split, k, 0, setup.options.loop.threads);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  nlohmann::json json = result_json(tested.result, setup, fitted, seconds);
  std::string text = to_text(tested.result) + '\n';
  if (tested.result.ratings) add_rating_biases(json, text, setup);
  add_baselines(json, text,
                fit_baselines(baselines, split, setup.options, setup.available_memory, progress),
                tested, k);
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
