// The choice of a linear model's strength.
#pragma once

#include <functional>
#include <span>
#include <string>

#include <tapegrad/apps/classification/linear_model.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// How a linear model over a fixed list of examples is fitted.
struct LinearModelFit {
  const ModelOption& option;               // of its strength
  std::span<const std::string_view> grid;  // what is tried where the option is "auto"
  // Learns what it needs besides scores, such as n-grams, from some of the examples, and gives the
  // rows of all of them.
  std::function<SparseExamples(std::span<const Index>)> learn;
  std::function<LinearModel&()> linear;  // after learn()
};

// Fits the model to the examples `some`. Where its option is "auto", the value is the best of the
// grid on a validation part of them, which gives temperatures and thresholds, too.
void fit_linear_model(StoredClassifier& model, const LinearModelFit& how,
                      std::span<const Labels> truth, std::span<const Index> some, double precision,
                      std::uint64_t seed, Progress& progress);

}  // namespace tapegrad::apps
