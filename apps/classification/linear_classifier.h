// Linear classifiers of sparse rows, fitted by LIBLINEAR.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/classification/sparse_examples.h>

namespace tapegrad::apps {

enum class LinearLoss {
  logistic,      // log(1 + exp(-y·score))
  squared_hinge  // max(0, 1 - y·score)², that of a linear support vector machine
};

// Each class against all others: score_c = Σ w_cᵢ·xᵢ + b_c, with the least
//   ½·(Σ w_cᵢ² + b_c²) + cost · Σ loss(y·score_c),  y = 1 for examples of the class, else -1
// Source: Fan et al., "LIBLINEAR: a library for large linear classification", JMLR 2008.
class LinearClassifier {
 public:
  // Throws DataError for examples of a single class, and of classes outside of [0, class_count).
  LinearClassifier(const SparseExamples& examples, std::span<const Index> classes,
                   Index class_count, LinearLoss loss, double cost);
  // By class; a class without examples has -∞.
  std::vector<double> scores(std::span<const FeatureEntry> row) const;
  // Of the logistic loss: σ(score_c), scaled to a sum of 1.
  std::vector<double> probabilities(std::span<const FeatureEntry> row) const;

 private:
  Index classes_, width_;
  std::vector<double> weights_;  // [classes, width + 1], the bias last
  std::vector<bool> has_examples_;
};

}  // namespace tapegrad::apps
