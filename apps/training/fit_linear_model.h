// The choice of a linear model's strength.
#pragma once

#include <functional>
#include <span>
#include <string>

#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// Fits a model without epochs to some examples. Where its option `option` is "auto", the value is
// the best of `grid` on a validation part of `some`, which gives temperatures and thresholds, too.
// `fit(some, strength)` fits the model, and `outputs(some)` are its outputs row by row. In the end
// it is fitted to all of `some`.
struct LinearModelFit {
  const ModelOption& option;
  std::span<const std::string_view> grid;
  std::function<void(std::span<const Index>, double)> fit;
  std::function<std::vector<double>(std::span<const Index>)> outputs;
};
void fit_linear_model(StoredClassifier& model, const LinearModelFit& how,
                      std::span<const Labels> truth, std::span<const Index> some, double precision,
                      std::uint64_t seed, Progress& progress);

}  // namespace tapegrad::apps
