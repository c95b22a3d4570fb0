// What is kept of every trained classifier.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/evaluation/classes.h>
#include <tapegrad/apps/models/stored_row.h>

namespace tapegrad::apps {

// What a model's output says of a number: output·deviation + mean. Both are those of the numbers
// that it was trained on.
struct OutputScale {
  double mean = 0.0, deviation = 1.0;
  double number_of(double output) const { return output * deviation + mean; }
  double output_of(double number) const { return (number - mean) / deviation; }
};

// Something that a model says of an example: one of some classes, or a number. The outputs of
// classes are their logits, one after another; a number has one output.
struct Target {
  std::string name;                     // of the column of labels
  std::optional<OutputScale> number{};  // of a number
  IdMap classes;                        // none of a number
  double temperature = 1.0;             // probabilities are the softmax of the logits divided by it
  // Of two classes the second is predicted where its probability is this or more.
  double threshold = 0.5;

  // The class that is predicted: of two classes by the threshold, else the most probable, the
  // first of equal ones.
  Index predicted(std::span<const double> probabilities) const;
  // How many outputs it has.
  Index width() const { return number ? 1 : classes.size(); }
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
  // Whether it predicts numbers; its targets are all numbers then.
  bool predicts_numbers() const { return !targets.empty() && targets.front().number.has_value(); }
  // Of each target, the numbers that outputs [examples, width()] say.
  std::vector<std::vector<double>> numbers(std::span<const double> outputs) const;
  // Of each target, from outputs [examples, width()] of classes; without the truth.
  std::vector<ClassPredictions> predictions(std::span<const double> outputs) const;
};

// The outputs of one target, [examples, its width], from outputs [examples, width of all].
std::vector<double> own_outputs(std::span<const Target> targets, std::size_t target,
                                std::span<const double> outputs);

// How many outputs each target has.
std::vector<Index> widths_of(std::span<const Target> targets);

// The targets in a file, which are numbers or have classes; get_targets() throws Error for what is
// missing or of another form.
void put_targets(nn::WeightFile& file, std::span<const Target> targets);
std::vector<Target> get_targets(const nn::WeightFile& file, bool are_numbers = false);

}  // namespace tapegrad::apps
