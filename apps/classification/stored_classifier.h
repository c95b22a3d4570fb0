// What is kept of every trained classifier.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/evaluation/classes.h>
#include <tapegrad/apps/models/stored_row.h>

namespace tapegrad::apps {

// Something that a classifier says of an example: one of some classes. Its outputs are the logits
// of the classes, one after another.
struct Target {
  std::string name;  // of the column of labels
  IdMap classes;
  double temperature = 1.0;  // probabilities are the softmax of the logits divided by it
  // Of two classes the second is predicted where its probability is this or more.
  double threshold = 0.5;

  // The class that is predicted: of two classes by the threshold, else the most probable, the
  // first of equal ones.
  Index predicted(std::span<const double> probabilities) const;
};

// The outputs of all targets stand one after another.
struct StoredClassifier : StoredRow {
  StoredClassifier() = default;
  StoredClassifier(StoredClassifier&&) = default;
  StoredClassifier& operator=(StoredClassifier&&) = default;
  // Virtual: the commands own classifiers of any task.
  virtual ~StoredClassifier() = default;

  std::vector<Target> targets;

  // How many numbers it says of an example.
  Index width() const;
  // Of each target, from outputs [examples, width()]; without the truth.
  std::vector<ClassPredictions> predictions(std::span<const double> outputs) const;
};

// The logits of one target, [examples, classes], from outputs [examples, width of all].
std::vector<double> logits_of(std::span<const Target> targets, std::size_t target,
                              std::span<const double> outputs);

// How many classes each target has.
std::vector<Index> classes_of(std::span<const Target> targets);

// The targets in a file; get_targets() throws Error for what is missing or of another form.
void put_targets(nn::WeightFile& file, std::span<const Target> targets);
std::vector<Target> get_targets(const nn::WeightFile& file);

}  // namespace tapegrad::apps
