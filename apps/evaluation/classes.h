// How well probabilities of classes tell what an example is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Probabilities [examples, classes] row by row, and the class of each example.
struct ClassPredictions {
  Index classes = 0;
  std::vector<double> probabilities;
  std::vector<Index> truth;

  Index count() const { return static_cast<Index>(truth.size()); }
  std::span<const double> row(Index example) const;
  // The most probable class, the first of equal ones.
  Index predicted(Index example) const;
};

// The examples whose truth is a class, and not -1.
ClassPredictions known_of(const ClassPredictions& predictions);
// Of two classes: the probability of the second, and whether it is the truth.
Binary second_class(const ClassPredictions& predictions);

// confusion[t · classes + p]: how many examples of class t were taken for class p.
std::vector<Index> confusion_matrix(const ClassPredictions& predictions);

// What a confusion matrix says. Classes without examples do not count in balanced accuracy; those
// that were neither there nor predicted do not count in F1.
// - accuracy: the part of the examples whose class was predicted;
// - balanced_accuracy: the mean over classes of the part of its examples that was predicted
//   (recall);
// - macro_f1: the mean over classes of 2·hits / (examples of the class + predictions of it).
// Source: Sokolova & Lapalme, Information Processing & Management 2009.
struct ClassMeasures {
  double accuracy = 0.0, balanced_accuracy = 0.0, macro_f1 = 0.0;
};
ClassMeasures measures_of(std::span<const Index> confusion, Index classes);

// Of one class.
struct ClassCounts {
  Index examples = 0, predicted = 0, hits = 0;
};
std::vector<ClassCounts> class_counts(std::span<const Index> confusion, Index classes);

// The mean of -log of the probability of the true class, which is kept at 1e-15 or above.
double class_log_loss(const ClassPredictions& predictions);

// The expected calibration error of the most probable class: the mean difference between its
// probability and how often it is right (calibration.h). Source: Guo et al., ICML 2017.
double class_calibration_error(const ClassPredictions& predictions);

// The softmax of logits [examples, classes] divided by a temperature.
std::vector<double> class_probabilities(std::span<const double> logits, Index classes,
                                        double temperature = 1.0);
// The temperature of the least log loss, within [1/20, 20], as if each example were of another
// class with the probability `doubt`, spread over the other classes. With a doubt of 1 / (examples
// + 2) a few examples that are all told right do not make everything certain. Source of the doubt:
// Platt, "Probabilistic outputs for support vector machines", 1999, section 2.2.
double fit_class_temperature(std::span<const double> logits, std::span<const Index> truth,
                             Index classes, double doubt = 0.0);

// The difference of the accuracies of two models on the same examples, with its 95 % interval
// (estimate_of).
Estimate compare_accuracy(const ClassPredictions& one, const ClassPredictions& other,
                          std::uint64_t seed = 1);
// The same of the log losses.
Estimate compare_log_loss(const ClassPredictions& one, const ClassPredictions& other,
                          std::uint64_t seed = 1);

}  // namespace tapegrad::apps
