// Linear models of sparse rows, fitted by LIBLINEAR.
#pragma once

#include <span>

#include <tapegrad/apps/classification/linear_scores.h>
#include <tapegrad/apps/classification/sparse_examples.h>

namespace tapegrad::apps {

enum class LinearLoss {
  logistic,      // log(1 + exp(-y·score))
  squared_hinge  // max(0, 1 - y·score)², that of a linear support vector machine
};

// Each class against all others: the scores with the least
//   ½·(Σ w_cᵢ² + b_c²) + cost · Σ loss(y·score_c),  y = 1 for examples of the class, else -1
// Throws DataError for examples of a single class, and of classes outside of [0, class_count).
// Source: Fan et al., "LIBLINEAR: a library for large linear classification", JMLR 2008.
LinearScores fit_linear(const SparseExamples& examples, std::span<const Index> classes,
                        Index class_count, LinearLoss loss, double cost);

// Ridge regression: the one score with the least ½·(Σ wᵢ² + b²) + cost · Σ (score - number)².
LinearScores fit_ridge(const SparseExamples& examples, std::span<const double> numbers,
                       double cost);

}  // namespace tapegrad::apps
