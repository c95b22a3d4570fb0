// How far predicted numbers are from the true ones.
#pragma once

#include <cstdint>
#include <vector>

#include <tapegrad/apps/evaluation/measures.h>

namespace tapegrad::apps {

// By example.
struct NumberPredictions {
  std::vector<double> predicted, truth;
};

struct NumberMeasures {
  double rmse = 0.0;  // the root of the mean squared error
  double mae = 0.0;   // the mean absolute error
  // The coefficient of determination, 1 - Σ(truth - predicted)² / Σ(truth - mean of the truth)²: 1
  // where all is right, 0 for what is no better than the mean. Where all truths are the same, 1 if
  // all is right, else 0.
  double r2 = 0.0;
};
// All 0 without examples.
NumberMeasures number_measures(const NumberPredictions& predictions);

// The mean of ½e² for errors |e| ≤ delta, else of delta·(|e| - ½delta).
double huber_loss(const NumberPredictions& predictions, double delta);

// The difference of the squared errors of two models on the same examples, with its 95 % interval
// (estimate_of).
Estimate compare_squared_error(const NumberPredictions& one, const NumberPredictions& other,
                               std::uint64_t seed = 1);

}  // namespace tapegrad::apps
