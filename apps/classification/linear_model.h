// Linear models of sparse rows, for all targets of a classifier.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/linear_scores.h>
#include <tapegrad/apps/classification/sparse_examples.h>
#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

enum class LinearKind { logistic_regression, linear_svm, naive_bayes, ridge };
// Of the name of a model.
LinearKind linear_kind_of(const std::string& name);

class LinearModel {
 public:
  LinearModel() = default;
  explicit LinearModel(LinearKind kind) : kind_(kind) {}

  // Fits the scores of all targets to some of the rows; `strength` is the cost of linear models,
  // and the smoothing of naive Bayes. Throws DataError where these are of one class. Ridge
  // regression predicts numbers, which must be those of outputs (OutputScale).
  void fit(const SparseExamples& rows, std::span<const Labels> truth, std::span<const Index> some,
           double strength);
  // The outputs of all targets.
  std::vector<double> outputs(std::span<const FeatureEntry> row) const;

  // Its scores in a file; get() throws Error for what is missing or of another form. `widths` are
  // the numbers of outputs of the targets.
  void put(nn::WeightFile& file) const;
  void get(const nn::WeightFile& file, std::span<const Index> widths, Index width);

 private:
  LinearKind kind_ = LinearKind::logistic_regression;
  std::vector<LinearScores> scores_;  // by target
};

}  // namespace tapegrad::apps
