// The score of a class that explanations of classifiers take apart.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/classification/stored_classifier.h>

namespace tapegrad::apps {

// A class of one of a model's targets.
struct ClassOfTarget {
  std::size_t target = 0;
  Index label = 0;
};

// The logarithm of the odds of a class, log p / (1 - p), which tells answers apart that are nearly
// sure, too; within [-700, 700]. By example, from outputs [examples, model.width()].
std::vector<double> class_scores(const StoredClassifier& model, std::span<const double> outputs,
                                 const ClassOfTarget& one);

// The same as a tensor, from outputs [1, model.width()], without bounds.
Tensor class_score(const StoredClassifier& model, const Tensor& outputs, const ClassOfTarget& one);

}  // namespace tapegrad::apps
