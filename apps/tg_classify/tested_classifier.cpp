#include "tested_classifier.h"

#include <algorithm>
#include <cmath>
#include <functional>
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
  if (tested.reports.size() == 1) return tested.name;
  return fmt::format("{}, {}", tested.name, in_quotes(tested.reports[target].target));
}

// What predictions of known classes are judged by.
double judged(const ClassPredictions& known) {
  return known.classes == 2 ? average_precision(second_class(known))
                            : measures_of(confusion_matrix(known), known.classes).accuracy;
}

struct FoldMeasure {
  const char* name;
  bool of_two;  // of targets with two classes alone
  std::function<double(const ClassReport&)> of;
};
const std::vector<FoldMeasure>& fold_measures() {
  using Report = ClassReport;
  static const std::vector<FoldMeasure> list = {
      {"accuracy", false, [](const Report& r) { return r.measures.accuracy; }},
      {"balanced_accuracy", false, [](const Report& r) { return r.measures.balanced_accuracy; }},
      {"macro_f1", false, [](const Report& r) { return r.measures.macro_f1; }},
      {"log_loss", false, [](const Report& r) { return r.log_loss; }},
      {"calibration_error", false, [](const Report& r) { return r.calibration_error; }},
      {"auc", true, [](const Report& r) { return r.auc; }},
      {"auprc", true, [](const Report& r) { return r.auprc; }}};
  return list;
}

// Mean and standard deviation over folds.
std::pair<double, double> spread_of(std::span<const TestedClassifier> folds, std::size_t target,
                                    const FoldMeasure& measure) {
  const auto count = static_cast<double>(folds.size());
  double mean = 0.0, squares = 0.0;
  for (const TestedClassifier& fold : folds) mean += measure.of(fold.reports[target]) / count;
  for (const TestedClassifier& fold : folds)
    squares += std::pow(measure.of(fold.reports[target]) - mean, 2);
  return {mean, std::sqrt(squares / (count - 1.0))};
}

}  // namespace

TestedClassifier test_outputs(const StoredClassifier& model, std::span<const double> outputs,
                              std::span<const Labels> truth, std::span<const Index> test) {
  TestedClassifier tested{
      .name = model.name, .predictions = model.predictions(outputs), .reports = {}};
  for (std::size_t t = 0; t < model.targets.size(); ++t) {
    for (const Index i : test)
      tested.predictions[t].truth.push_back(truth[t].of[static_cast<std::size_t>(i)]);
    tested.reports.push_back(report_of(model.targets[t], tested.predictions[t]));
  }
  return tested;
}

nlohmann::json reports_json(const TestedClassifier& tested) {
  nlohmann::json json = nlohmann::json::array();
  for (const ClassReport& report : tested.reports) json.push_back(to_json(report));
  return json;
}

std::string reports_text(const TestedClassifier& tested) {
  std::string text;
  for (std::size_t t = 0; t < tested.reports.size(); ++t)
    text += to_text(name_of(tested, t), tested.reports[t]);
  return text;
}

std::string against_best(const TestedClassifier& tested, std::span<const TestedClassifier> others,
                         nlohmann::json& json) {
  std::string text;
  for (std::size_t t = 0; t < tested.reports.size(); ++t) {
    const auto best = std::ranges::max_element(others, {}, [&](const TestedClassifier& other) {
      return judged(known_of(other.predictions[t]));
    });
    const ClassPredictions one = known_of(tested.predictions[t]),
                           other = known_of(best->predictions[t]);
    if (one.count() == 0) continue;
    const bool is_binary = tested.reports[t].is_binary;
    const Estimate difference =
        is_binary ? compare_average_precision(second_class(one), second_class(other))
                  : compare_accuracy(one, other);
    const auto add = [&](const char* measure, const char* name, const Estimate& found,
                         const std::string& said) {
      json.push_back({{"target", tested.reports[t].target},
                      {"other", best->name},
                      {"measure", measure},
                      {"difference", found.mean},
                      {"low", found.low},
                      {"high", found.high}});
      text += fmt::format("{} against {}: {} {}\n", name_of(tested, t), best->name, name, said);
    };
    add(is_binary ? "auprc" : "accuracy", is_binary ? "AUPRC" : "accuracy", difference,
        difference_text(difference));
    const Estimate losses = compare_log_loss(one, other);
    add("log_loss", "log loss", losses,
        fmt::format("{:+.4f} (95 % interval {:+.4f} to {:+.4f}; less is better)", losses.mean,
                    losses.low, losses.high));
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
  }
  return all;
}

nlohmann::json folds_json(std::span<const TestedClassifier> folds) {
  nlohmann::json json = nlohmann::json::array();
  for (std::size_t t = 0; t < folds.front().reports.size(); ++t) {
    nlohmann::json own = {{"target", folds.front().reports[t].target}};
    for (const FoldMeasure& measure : fold_measures()) {
      if (measure.of_two && !folds.front().reports[t].is_binary) continue;
      const auto [mean, deviation] = spread_of(folds, t, measure);
      own[measure.name] = {{"mean", mean}, {"deviation", deviation}};
    }
    json.push_back(std::move(own));
  }
  return json;
}

std::string folds_text(std::span<const TestedClassifier> folds) {
  std::string text;
  for (std::size_t t = 0; t < folds.front().reports.size(); ++t) {
    text += name_of(folds.front(), t) + ":";
    for (const FoldMeasure& measure : fold_measures()) {
      if (measure.of_two && !folds.front().reports[t].is_binary) continue;
      const auto [mean, deviation] = spread_of(folds, t, measure);
      text += fmt::format(" {} {:.4f} ± {:.4f}", measure.name, mean, deviation);
    }
    text += fmt::format(" (mean and standard deviation of {} folds)\n", folds.size());
  }
  return text;
}

}  // namespace tapegrad::apps
