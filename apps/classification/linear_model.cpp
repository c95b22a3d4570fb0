#include <tapegrad/apps/classification/linear_model.h>

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/linear_classifier.h>
#include <tapegrad/apps/classification/naive_bayes.h>
#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {

LinearKind linear_kind_of(const std::string& name) {
  if (name == "logistic-regression") return LinearKind::logistic_regression;
  if (name == "linear-svm") return LinearKind::linear_svm;
  if (name == "naive-bayes") return LinearKind::naive_bayes;
  if (name == "ridge") return LinearKind::ridge;
  throw std::logic_error(name + " is no linear model");
}

void LinearModel::fit(const SparseExamples& rows, std::span<const Labels> truth,
                      std::span<const Index> some, double strength) {
  SparseExamples own;
  own.width = rows.width;
  for (const Index i : some) own.add(rows.row(i));
  scores_.clear();
  for (const Labels& labels : truth) {
    if (kind_ == LinearKind::ridge) {
      std::vector<double> numbers;
      for (const Index i : some) numbers.push_back(labels.numbers[static_cast<std::size_t>(i)]);
      scores_.push_back(fit_ridge(own, numbers, strength));
      continue;
    }
    std::vector<Index> classes;
    for (const Index i : some) classes.push_back(labels.of[static_cast<std::size_t>(i)]);
    const Index count = labels.classes.size();
    if (kind_ == LinearKind::naive_bayes) {
      scores_.push_back(fit_naive_bayes(own, classes, count, strength));
    } else {
      const LinearLoss loss =
          kind_ == LinearKind::linear_svm ? LinearLoss::squared_hinge : LinearLoss::logistic;
      scores_.push_back(fit_linear(own, classes, count, loss, strength));
    }
  }
}

std::vector<double> LinearModel::outputs(std::span<const FeatureEntry> row) const {
  std::vector<double> outputs;
  for (const LinearScores& scores : scores_) {
    std::vector<double> own = scores.of(row);
    if (kind_ == LinearKind::logistic_regression) own = log_sigmoids(std::move(own));
    outputs.insert(outputs.end(), own.begin(), own.end());
  }
  return outputs;
}

void LinearModel::put(nn::WeightFile& file) const {
  for (std::size_t t = 0; t < scores_.size(); ++t)
    put_list<double>(file, fmt::format("scores.{}", t), scores_[t].weights);
}

void LinearModel::get(const nn::WeightFile& file, std::span<const Index> widths, Index width) {
  scores_.clear();
  for (std::size_t t = 0; t < widths.size(); ++t) {
    const auto weights = get_list<double>(file, fmt::format("scores.{}", t));
    if (static_cast<Index>(weights.size()) != widths[t] * (width + 1))
      throw Error(fmt::format("its scores.{} must have {} numbers, got {}", t,
                              widths[t] * (width + 1), weights.size()));
    scores_.push_back({.classes = widths[t],
                       .width = width,
                       .weights = std::vector<double>(weights.begin(), weights.end())});
  }
}

}  // namespace tapegrad::apps
