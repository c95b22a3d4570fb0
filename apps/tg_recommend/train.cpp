// tg-recommend train
#include <chrono>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/training/fit.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all("tg-recommend train: fits a model and evaluates it on the test part of the data");
  all.add_options()("help", "this text")("model", po::value<std::string>()->required(),
                                         "popularity, ease, mf, gmf, mlp or neumf")(
      "out", po::value<std::string>(), "where to save the model")("json", "the last line on stdout is a JSON object")(
      "quiet", "no progress on stderr")("seed", po::value<std::uint64_t>()->default_value(1),
                                        "of first numbers, negatives and order")("threads", po::value<int>()->default_value(2),
                                                                                 "threads")(
      "k", po::value<int>()->default_value(10), "length of the list that is judged")("epochs", po::value<int>()->default_value(0),
                                                                                     "0: chosen on a validation split")(
      "max-epochs", po::value<int>()->default_value(0), "of that choice; 0: the model's default")(
      "factors", po::value<int>()->default_value(0), "width; 0: the model's default")(
      "dropout", po::value<double>()->default_value(-1.0), "-1: the model's default")(
      "loss", po::value<std::string>(), "pointwise (sampled negatives) or softmax (over all items; mf)")(
      "learning-rate", po::value<double>()->default_value(0.0), "0: the model's default")(
      "weight-decay", po::value<double>()->default_value(-1.0), "decoupled; -1: the model's default")(
      "batch", po::value<int>()->default_value(0), "pairs, or users for softmax; 0: the model's default")(
      "negatives", po::value<int>()->default_value(4), "sampled for each pair")("lambda", po::value<double>()->default_value(0.0),
                                                                                "ease; 0: chosen on a validation split");
  add_data_options(all);
  return all;
}

// What is not given is the model's default; docs/results.md says what was tried.
FitOptions fit_options(const po::variables_map& given) {
  FitOptions options;
  options.settings.name = given["model"].as<std::string>();
  options.k = bounded(given, "k", 1, 1000000);
  options.epochs = bounded(given, "epochs", 0, 100000);
  options.lambda = given["lambda"].as<double>();
  if (!(options.lambda >= 0.0)) throw OptionError(fmt::format("--lambda must not be negative, got {}", options.lambda));
  TrainingOptions& training = options.training;
  training.seed = given["seed"].as<std::uint64_t>();
  training.threads = bounded(given, "threads", 1, 1024);
  training.negatives = bounded(given, "negatives", 1, 1000);
  if (options.settings.name == "popularity" || options.settings.name == "ease") return options;
  const bool is_mf = options.settings.name == "mf";
  const std::string loss = given.contains("loss") ? given["loss"].as<std::string>() : (is_mf ? "softmax" : "pointwise");
  if (loss != "pointwise" && loss != "softmax")
    throw OptionError(fmt::format("there is no loss {}; there are pointwise and softmax", in_quotes(loss)));
  training.loss = loss == "softmax" ? TrainingLoss::softmax : TrainingLoss::pointwise;
  const auto chosen = [&](const char* name, double unset, double standard) {
    const double value = given[name].as<double>();
    if (std::isnan(value)) throw OptionError(fmt::format("--{} must be a number", name));
    return value == unset ? standard : value;
  };
  training.learning_rate = chosen("learning-rate", 0.0, is_mf ? 0.003 : 0.001);
  if (!(training.learning_rate > 0.0))
    throw OptionError(fmt::format("--learning-rate must be positive, got {}", training.learning_rate));
  training.weight_decay = chosen("weight-decay", -1.0, is_mf ? 0.5 : 0.0);
  if (!(training.weight_decay >= 0.0))
    throw OptionError(fmt::format("--weight-decay must not be negative, got {}", training.weight_decay));
  const int batch = bounded(given, "batch", 0, 1 << 20);
  training.batch = batch > 0 ? batch : (training.loss == TrainingLoss::softmax ? 0 : 1280);
  const int max_epochs = bounded(given, "max-epochs", 0, 100000);
  options.max_epochs = max_epochs > 0 ? max_epochs : (is_mf ? 100 : 20);
  options.patience = is_mf ? 10 : 3;
  options.settings.factors = bounded(given, "factors", 0, 4096);
  options.settings.dropout = chosen("dropout", -1.0, is_mf ? 0.3 : 0.0);
  options.settings = with_defaults(options.settings);
  return options;
}

nlohmann::json result_json(const RankingResult& result, const FitOptions& options, const FitResult& fitted, double seconds) {
  const std::string at = fmt::format("@{}", result.metrics.k);
  nlohmann::json json{{"model", result.model},
                      {"hr" + at, result.metrics.hit_rate},
                      {"ndcg" + at, result.metrics.ndcg},
                      {"mrr" + at, result.metrics.mrr},
                      {"epochs", fitted.epochs},
                      {"seconds", seconds},
                      {"seed", options.training.seed},
                      {"cases", result.metrics.cases},
                      {"protocol", result.protocol},
                      {"ties", result.tie_rule},
                      {"data", result.fingerprint}};
  if (result.model == "ease") json["lambda"] = fitted.lambda;
  return json;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  FitOptions options = fit_options(*given);
  if (options.settings.name != "popularity" && options.settings.name != "ease") (void)with_defaults(options.settings);
  const DataOptions data = data_options(*given);
  Progress progress(given->contains("quiet"));
  const Split split = read_split(data);
  if (split.protocol == "ncf")
    options.validation_negatives = 99;
  else
    options.validation_users = 2000;
  StoredModel model;
  const FitResult fitted = fit(model, split, options, progress);
  model.titles = read_titles(data, model.items);
  const auto recommender = make_recommender(model, options.training.threads);
  const RankingResult result = evaluate_split(*recommender, model.name, split, model.seen, options.k, options.training.threads);
  if (given->contains("out")) save_model((*given)["out"].as<std::string>(), model);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (given->contains("json"))
    std::cout << result_json(result, options, fitted, seconds).dump() << '\n';
  else
    std::cout << to_text(result) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
