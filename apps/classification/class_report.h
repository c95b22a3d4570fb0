// How well a classifier does on a test, as it is reported.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/classification/stored_classifier.h>

namespace tapegrad::apps {

// What a test says of one target.
struct ClassReport {
  std::string target;
  std::vector<std::string> classes;
  Index examples = 0;
  // Examples of classes that the model does not know. They count as misses in the accuracy, and
  // nowhere else.
  Index unknown = 0;
  // confusion[t · classes + p]: how many examples of class t were taken for class p.
  std::vector<Index> confusion;
  ClassMeasures measures;
  double log_loss = 0.0, calibration_error = 0.0;
  // Of two classes, of which the second is looked for; the threshold is the target's.
  bool is_binary = false;
  double auc = 0.0, auprc = 0.0, threshold = 0.5, precision = 0.0, recall = 0.0, f1 = 0.0;
};

// Of predictions whose truth has -1 for classes that the target does not have.
ClassReport report_of(const Target& target, const ClassPredictions& predictions);

nlohmann::json to_json(const ClassReport& report);
// One line. `name` is the model's, with the target's where there are several.
std::string to_text(const std::string& name, const ClassReport& report);
// The confusion matrix: a line a class, with what its examples were taken for, and its precision
// and recall. CSV has a header.
std::string confusion_text(const ClassReport& report);
std::string confusion_csv(const ClassReport& report);
std::string confusion_svg(const ClassReport& report);

}  // namespace tapegrad::apps
