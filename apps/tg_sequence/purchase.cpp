#include "purchase.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/baselines/session_counts.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/evaluation/calibration.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/purchase_file.h>
#include <tapegrad/apps/training/fit_purchase.h>

#include "asked_histories.h"
#include "read_split.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// What a test says of probabilities; the threshold was chosen before.
nlohmann::json measures_json(const Binary& predicted, double threshold) {
  const Decision decision = decide(predicted, threshold);
  std::vector<double> happened(predicted.happened.begin(), predicted.happened.end());
  const auto bins = calibration_bins(predicted.probabilities, happened);
  nlohmann::json json = {{"cases", predicted.happened.size()},
                         {"purchases", std::ranges::count(predicted.happened, true)},
                         {"auc", area_under_roc(predicted)},
                         {"auprc", average_precision(predicted)},
                         {"f1", decision.f1},
                         {"precision", decision.precision},
                         {"recall", decision.recall},
                         {"threshold", threshold},
                         {"log_loss", log_loss(predicted)},
                         {"calibration_error", expected_calibration_error(bins)}};
  for (const CalibrationBin& bin : bins)
    json["calibration"].push_back(
        {{"cases", bin.count}, {"predicted", bin.predicted}, {"observed", bin.observed}});
  return json;
}

std::string measures_text(const std::string& name, const nlohmann::json& json) {
  const auto number = [&](const char* key) { return json[key].get<double>(); };
  return fmt::format(
      "{}: AUC {:.4f} AUPRC {:.4f} F1 {:.4f} (threshold {:.4f}, precision {:.4f}, recall {:.4f}) "
      "log loss {:.4f} calibration error {:.4f} ({} of {} sessions end in a purchase)\n",
      name, number("auc"), number("auprc"), number("f1"), number("threshold"), number("precision"),
      number("recall"), number("log_loss"), number("calibration_error"),
      json["purchases"].get<Index>(), json["cases"].get<Index>());
}

// The baselines: the share of purchases, and logistic regression on counts, with its threshold
// chosen on the same part as the network's.
struct Baselines {
  Binary base_rate, regression;
  double regression_threshold = 0.5;
};

Baselines baselines_of(const PurchaseSessions& training, const PurchaseSessions& test) {
  const auto predict = [](const CountRegression& model, const PurchaseSessions& on) {
    Binary predicted{.probabilities = {}, .happened = on.bought};
    for (Index s = 0; s < on.sessions.count(); ++s)
      predicted.probabilities.push_back(1.0 / (1.0 + std::exp(-model.logit(on.sessions.of(s)))));
    return predicted;
  };
  const PurchaseParts parts = last_tenth(training);
  Baselines baselines;
  baselines.regression_threshold =
      best_decision(predict(CountRegression(parts.before), parts.last)).threshold;
  baselines.regression = predict(CountRegression(training), test);
  const double rate = static_cast<double>(std::ranges::count(training.bought, true)) /
                      static_cast<double>(training.sessions.count());
  baselines.base_rate.happened = test.bought;
  baselines.base_rate.probabilities.assign(test.bought.size(), rate);
  return baselines;
}

PurchaseFitOptions fit_options(const po::variables_map& given, const SequenceRow& row) {
  PurchaseFitOptions options;
  refuse_given(given, {"k", "baselines"}, "with task purchase");
  for (const ModelOption* option : sequence_options::all()) {
    if (find_option(row, *option) == nullptr)
      refuse_given(given, {std::string(option->name)},
                   fmt::format("with model {} and task purchase", row.name));
  }
  options.settings = given_settings(given, row, sequence_options::all());
  options.refit = !given.contains("no-refit");
  options.loop = loop_options(given, row.loop);
  return options;
}

}  // namespace

int train_purchase(const po::variables_map& given) {
  const auto start = std::chrono::steady_clock::now();
  StoredPurchaseModel model;
  model.name = given["model"].as<std::string>();
  const SequenceRow row = purchase_row(sequence_row(model.name));
  if (!row.is_neural())
    throw OptionError(fmt::format(
        "--model {} cannot be trained with task purchase: expected a neural network", row.name));
  PurchaseFitOptions options = fit_options(given, row);
  const SequenceDataOptions data = purchase_data_options(given);
  std::vector<std::string> inputs = feature_inputs(given);
  std::vector<std::string> outputs = outputs_of(options.loop);
  if (given.contains("out")) outputs.push_back(given["out"].as<std::string>());
  for (const auto* sources : {&data.data, &data.train, &data.test})
    inputs.insert(inputs.end(), sources->begin(), sources->end());
  check_files(inputs, outputs);
  Progress progress(given.contains("quiet"));
  SequenceReader reader(given, data, {}, "", progress);
  const PurchaseSplit split = reader.purchases();
  std::cerr << reader.told();
  model.purchase_type = split.purchase_type;
  const Index bought = std::ranges::count(split.training.bought, true);
  model.described = fmt::format(
      "trained on {} sessions, {} of them with a purchase, evaluated on {} (protocol {})",
      split.training.sessions.count(), bought, split.test.sessions.count(), data.protocol);
  StableHash inputs_hash;  // what the fingerprint of the data does not have
  for (const double time : split.training.sessions.times) inputs_hash.add_double(time);
  for (const std::int16_t type : split.training.sessions.types) inputs_hash.add_int(type);
  for (const bool one : split.training.bought) inputs_hash.add_int(one ? 1 : 0);
  add_features(inputs_hash, split.training.sessions.item_features.get());
  options.loop.identity = fmt::format(
      "{}; {}; refit {}; task purchase; data {}; purchases {}", identity_of(row, options.settings),
      identity_of(options.loop), options.refit, hexadecimal(fingerprint(split.training.sessions)),
      hexadecimal(inputs_hash.value()));
  const int epochs = fit_purchase(model, split.training, options, progress);
  if (given.contains("out")) {
    save_purchase_model(outputs.back(), model);
    if (!given.contains("quiet"))
      std::cerr << fmt::format("{}: saved {}, {}\n", outputs.back(), model.name, model.described);
  }
  nlohmann::json json = {{"model", model.name}, {"task", "purchase"}};
  std::string text;
  if (split.test.sessions.count() > 0) {
    const Binary predicted = predict_purchases(model, split.test, options.loop.threads);
    json.update(measures_json(predicted, model.threshold));
    text = measures_text(model.name, json);
    const Baselines baselines = baselines_of(split.training, split.test);
    const auto add = [&](const char* name, const Binary& one, double threshold) {
      nlohmann::json own = measures_json(one, threshold);
      text += measures_text(name, own);
      own["model"] = name;
      json["baselines"].push_back(std::move(own));
    };
    add("base rate", baselines.base_rate, 0.5);
    add("logistic regression on counts", baselines.regression, baselines.regression_threshold);
    const Estimate ahead = compare_average_precision(predicted, baselines.regression);
    json["against_logistic_regression"] = {
        {"difference", ahead.mean}, {"low", ahead.low}, {"high", ahead.high}};
    text += fmt::format("{} against logistic regression: AUPRC {}\n", model.name,
                        difference_text(ahead));
  } else {
    text = fmt::format("{}: trained on everything, not evaluated (protocol none)\n", model.name);
  }
  json["temperature"] = model.temperature;
  json["epochs"] = epochs;
  json["seed"] = options.loop.seed;
  json["options"] = options_json(row, model.settings);
  json["data"] = model.fingerprint;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << (given.contains("json") ? json_line(json) : text);
  return 0;
}

int evaluate_purchase(const po::variables_map& given) {
  const StoredPurchaseModel model = load_purchase_model(given["model-file"].as<std::string>());
  refuse_given(
      given, {"data", "protocol", "query", "target", "repeat-items", "test-from", "test-fraction"},
      "with a model of purchases");
  if (is_given(given, "k")) refuse_given(given, {"k"}, "with a model of purchases");
  SequenceDataOptions data = purchase_test_options(given, model.purchase_type);
  Progress progress(given.contains("quiet"));
  SequenceReader reader(given, data, {}, "", progress);
  Sessions known;
  known.items = model.items;
  known.type_ids = model.types;
  const PurchaseSessions test = reader.purchase_test(known);
  std::cerr << reader.told();
  const Binary predicted = predict_purchases(model, test, bounded(given, "threads", 1, 1024));
  nlohmann::json json = {{"model", model.name}, {"task", "purchase"}};
  json.update(measures_json(predicted, model.threshold));
  std::cout << (given.contains("json") ? json_line(json) : measures_text(model.name, json));
  return 0;
}

int predict_purchase(const po::variables_map& given) {
  const StoredPurchaseModel model = load_purchase_model(given["model-file"].as<std::string>());
  refuse_given(
      given,
      {"follow", "max-sessions", "repeats", "no-repeats", "items", "columns", "skip-bad-lines"},
      "with a model of purchases");
  if (is_given(given, "k")) refuse_given(given, {"k"}, "with a model of purchases");
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}; a probability of {:.4f} or more counts as a purchase\n",
                             model.name, model.described, model.threshold);
  model.parameters->settle();
  for (const AskedHistory& asked : asked_histories(given, model.items, {})) {
    std::cerr << asked.told;
    if (asked.items.empty()) {  // of many histories
      std::cout << (given.contains("json")
                        ? json_line({{"history", asked.line}, {"probability", nullptr}})
                        : std::string("-  nothing is predicted\n"));
      continue;
    }
    Sessions one;
    one.add("", {.items = asked.items});
    const double probability = model.probability(purchase_logits(*model.model, one, 1).front());
    const bool says = probability >= model.threshold;
    std::cout << (given.contains("json") ? json_line({{"history", asked.line},
                                                      {"probability", probability},
                                                      {"purchase", says}})
                                         : fmt::format("{:.4f}  {}\n", probability,
                                                       says ? "purchase" : "no purchase"));
  }
  return 0;
}

}  // namespace tapegrad::apps
