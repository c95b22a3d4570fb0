#include "tested_classifier.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

// A model's name, with the target's where there are several.
std::string name_of(const TestedClassifier& tested, std::size_t target) {
  if (tested.target_count() == 1) return tested.name;
  return fmt::format("{}, {}", tested.name, in_quotes(tested.target(target)));
}

// What predictions of known classes are judged by.
double judged(const ClassPredictions& known) {
  return known.classes == 2 ? average_precision(second_class(known))
                            : measures_of(confusion_matrix(known), known.classes).accuracy;
}

// A measure of a target, as it is called in JSON.
struct NamedMeasure {
  const char* name;
  double value;
};
std::vector<NamedMeasure> named_measures(const TestedClassifier& tested, std::size_t target) {
  if (tested.reports.empty()) {
    const NumberMeasures& own = tested.number_reports[target].measures;
    return {{"rmse", own.rmse}, {"mae", own.mae}, {"r2", own.r2}};
  }
  const ClassReport& report = tested.reports[target];
  std::vector<NamedMeasure> measures = {{"accuracy", report.measures.accuracy},
                                        {"balanced_accuracy", report.measures.balanced_accuracy},
                                        {"macro_f1", report.measures.macro_f1},
                                        {"log_loss", report.log_loss},
                                        {"calibration_error", report.calibration_error}};
  if (report.is_binary) {
    measures.push_back({"auc", report.auc});
    measures.push_back({"auprc", report.auprc});
  }
  return measures;
}

// The spread of a measure over folds.
struct Spread {
  const char* name;
  double mean = 0.0, deviation = 0.0;
};
std::vector<Spread> spreads_of(std::span<const TestedClassifier> folds, std::size_t target) {
  const auto count = static_cast<double>(folds.size());
  std::vector<Spread> spreads;
  for (const NamedMeasure& measure : named_measures(folds.front(), target))
    spreads.push_back({measure.name});
  std::vector<double> squares(spreads.size(), 0.0);
  for (const TestedClassifier& fold : folds) {
    const std::vector<NamedMeasure> own = named_measures(fold, target);
    for (std::size_t m = 0; m < own.size(); ++m) spreads[m].mean += own[m].value / count;
  }
  for (const TestedClassifier& fold : folds) {
    const std::vector<NamedMeasure> own = named_measures(fold, target);
    for (std::size_t m = 0; m < own.size(); ++m)
      squares[m] += std::pow(own[m].value - spreads[m].mean, 2);
  }
  for (std::size_t m = 0; m < spreads.size(); ++m)
    spreads[m].deviation = std::sqrt(squares[m] / (count - 1.0));
  return spreads;
}

// What one model has against another: a measure's name in JSON and in text, and what is said of it.
struct Against {
  const char *measure, *name;
  Estimate difference;
  std::string said;
};

std::string less_is_better(const Estimate& difference) {
  return fmt::format("{:+.4g} (95 % interval {:+.4g} to {:+.4g}; less is better)", difference.mean,
                     difference.low, difference.high);
}

std::vector<Against> against(const ClassPredictions& one, const ClassPredictions& other) {
  if (one.count() == 0) return {};
  const bool is_binary = one.classes == 2;
  const Estimate difference =
      is_binary ? compare_average_precision(second_class(one), second_class(other))
                : compare_accuracy(one, other);
  const Estimate losses = compare_log_loss(one, other);
  return {{is_binary ? "auprc" : "accuracy", is_binary ? "AUPRC" : "accuracy", difference,
           difference_text(difference)},
          {"log_loss", "log loss", losses, less_is_better(losses)}};
}

std::vector<Against> against(const NumberPredictions& one, const NumberPredictions& other) {
  const Estimate errors = compare_squared_error(one, other);
  return {{"squared_error", "squared error", errors, less_is_better(errors)}};
}

}  // namespace

TestedClassifier test_outputs(const StoredClassifier& model, std::span<const double> outputs,
                              std::span<const Labels> truth, std::span<const Index> test) {
  TestedClassifier tested{.name = model.name};
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  if (model.predicts_numbers()) {
    for (std::vector<double>& predicted : model.numbers(outputs)) {
      const std::size_t t = tested.number_reports.size();
      NumberPredictions& own = tested.number_predictions.emplace_back();
      own.predicted = std::move(predicted);
      for (const Index i : test) own.truth.push_back(truth[t].numbers[at(i)]);
      tested.number_reports.push_back(report_of(model.targets[t].name, own));
    }
    return tested;
  }
  tested.predictions = model.predictions(outputs);
  for (std::size_t t = 0; t < model.targets.size(); ++t) {
    for (const Index i : test) tested.predictions[t].truth.push_back(truth[t].of[at(i)]);
    tested.reports.push_back(report_of(model.targets[t], tested.predictions[t]));
  }
  return tested;
}

nlohmann::json reports_json(const TestedClassifier& tested) {
  nlohmann::json json = nlohmann::json::array();
  for (const ClassReport& report : tested.reports) json.push_back(to_json(report));
  for (const NumberReport& report : tested.number_reports) json.push_back(to_json(report));
  return json;
}

std::string reports_text(const TestedClassifier& tested) {
  std::string text;
  for (std::size_t t = 0; t < tested.reports.size(); ++t)
    text += to_text(name_of(tested, t), tested.reports[t]);
  for (std::size_t t = 0; t < tested.number_reports.size(); ++t)
    text += to_text(name_of(tested, t), tested.number_reports[t]);
  return text;
}

std::string against_best(const TestedClassifier& tested, std::span<const TestedClassifier> others,
                         nlohmann::json& json) {
  std::string text;
  for (std::size_t t = 0; t < tested.target_count(); ++t) {
    const bool are_numbers = tested.reports.empty();
    const auto best = std::ranges::max_element(others, {}, [&](const TestedClassifier& other) {
      return are_numbers ? other.number_reports[t].measures.r2
                         : judged(known_of(other.predictions[t]));
    });
    const std::vector<Against> found =
        are_numbers ? against(tested.number_predictions[t], best->number_predictions[t])
                    : against(known_of(tested.predictions[t]), known_of(best->predictions[t]));
    for (const Against& own : found) {
      json.push_back({{"target", tested.target(t)},
                      {"other", best->name},
                      {"measure", own.measure},
                      {"difference", own.difference.mean},
                      {"low", own.difference.low},
                      {"high", own.difference.high}});
      text +=
          fmt::format("{} against {}: {} {}\n", name_of(tested, t), best->name, own.name, own.said);
    }
  }
  return text;
}

TestedClassifier pooled(std::span<const TestedClassifier> folds) {
  TestedClassifier all = folds.front();
  for (const TestedClassifier& fold : folds.subspan(1)) {
    for (std::size_t t = 0; t < all.predictions.size(); ++t) {
      ClassPredictions& own = all.predictions[t];
      const ClassPredictions& more = fold.predictions[t];
      own.probabilities.insert(own.probabilities.end(), more.probabilities.begin(),
                               more.probabilities.end());
      own.truth.insert(own.truth.end(), more.truth.begin(), more.truth.end());
    }
    for (std::size_t t = 0; t < all.number_predictions.size(); ++t) {
      NumberPredictions& own = all.number_predictions[t];
      const NumberPredictions& more = fold.number_predictions[t];
      own.predicted.insert(own.predicted.end(), more.predicted.begin(), more.predicted.end());
      own.truth.insert(own.truth.end(), more.truth.begin(), more.truth.end());
    }
  }
  for (std::size_t t = 0; t < all.number_reports.size(); ++t)
    all.number_reports[t] = report_of(all.number_reports[t].target, all.number_predictions[t]);
  return all;
}

nlohmann::json folds_json(std::span<const TestedClassifier> folds) {
  nlohmann::json json = nlohmann::json::array();
  for (std::size_t t = 0; t < folds.front().target_count(); ++t) {
    nlohmann::json own = {{"target", folds.front().target(t)}};
    for (const Spread& spread : spreads_of(folds, t))
      own[spread.name] = {{"mean", spread.mean}, {"deviation", spread.deviation}};
    json.push_back(std::move(own));
  }
  return json;
}

std::string folds_text(std::span<const TestedClassifier> folds) {
  std::string text;
  for (std::size_t t = 0; t < folds.front().target_count(); ++t) {
    text += name_of(folds.front(), t) + ":";
    for (const Spread& spread : spreads_of(folds, t))
      text += fmt::format(" {} {:.4f} ± {:.4f}", spread.name, spread.mean, spread.deviation);
    text += fmt::format(" (mean and standard deviation of {} folds)\n", folds.size());
  }
  return text;
}

}  // namespace tapegrad::apps
