// Models on tests, and how their results are told.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/classification/class_report.h>
#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/number_report.h>

namespace tapegrad::apps {

// A model on a test: its predictions and reports, by target. Either those of classes or those of
// numbers are there.
struct TestedClassifier {
  std::string name;
  std::vector<ClassPredictions> predictions{};
  std::vector<ClassReport> reports{};
  std::vector<NumberPredictions> number_predictions{};
  std::vector<NumberReport> number_reports{};

  std::size_t target_count() const { return reports.size() + number_reports.size(); }
  const std::string& target(std::size_t number) const {
    return reports.empty() ? number_reports[number].target : reports[number].target;
  }
};

// A model by its outputs [test, model.width()]. `truth` is by target, of all examples, -1 for
// classes that the model does not have; `test` are the numbers of those that are tested.
TestedClassifier test_outputs(const StoredClassifier& model, std::span<const double> outputs,
                              std::span<const Labels> truth, std::span<const Index> test);

// An array of the reports, and lines of text.
nlohmann::json reports_json(const TestedClassifier& tested);
std::string reports_text(const TestedClassifier& tested);

// A model against the best of others on the same test, for each target: by average precision where
// there are two classes, by accuracy where there are more, and by log loss; by the squared error of
// numbers. Adds to an array; gives
// lines of text.
std::string against_best(const TestedClassifier& tested, std::span<const TestedClassifier> others,
                         nlohmann::json& json);

// The same model's predictions over several tests as one, for against_best(); reports of classes
// are those of the first.
TestedClassifier pooled(std::span<const TestedClassifier> folds);

// Means and standard deviations of the same model's measures over several tests: an object by
// target and measure, and lines of text.
nlohmann::json folds_json(std::span<const TestedClassifier> folds);
std::string folds_text(std::span<const TestedClassifier> folds);

}  // namespace tapegrad::apps
