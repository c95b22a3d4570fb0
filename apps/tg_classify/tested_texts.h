// Models on tests, and how their results are told.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/classification/class_report.h>
#include <tapegrad/apps/classification/text_classifier.h>

namespace tapegrad::apps {

// A model on a test: its predictions and reports, by target.
struct TestedClassifier {
  std::string name;
  std::vector<ClassPredictions> predictions;
  std::vector<ClassReport> reports;
};

// `truth` is by target, of the texts in `test`; -1 for classes that the model does not have.
TestedClassifier test_texts(const TextClassifier& model, std::span<const std::string> texts,
                            std::span<const Labels> truth, std::span<const Index> test,
                            int threads);

// An array of the reports, and lines of text.
nlohmann::json reports_json(const TestedClassifier& tested);
std::string reports_text(const TestedClassifier& tested);

// A model against the best of others on the same test, for each target: by average precision where
// there are two classes, by accuracy where there are more. Adds to an array; gives lines of text.
std::string against_best(const TestedClassifier& tested, std::span<const TestedClassifier> others,
                         nlohmann::json& json);

// Means and standard deviations of the same model's measures over several tests: an object by
// target and measure, and lines of text.
nlohmann::json folds_json(std::span<const TestedClassifier> folds);
std::string folds_text(std::span<const TestedClassifier> folds);

}  // namespace tapegrad::apps
