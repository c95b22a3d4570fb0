// How well what a model predicts agrees, on the average, with what happens.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Predictions of about one size, and what happened.
struct CalibrationBin {
  Index count = 0;
  double predicted = 0.0, observed = 0.0;  // means
};

// Bins of predictions by size, from the smallest: as many in each as in any other, but for one.
// Equal predictions may lie in two bins. `predicted` and `observed`, such as probabilities and what
// is 0 or 1, are parallel. No bins without predictions.
std::vector<CalibrationBin> calibration_bins(std::span<const double> predicted,
                                             std::span<const double> observed, Index bins = 10);

// The expected calibration error: Σ_b n_b / n · |mean predicted_b - mean observed_b|; 0 without
// bins. Sources: Naeini, Cooper & Hauskrecht, AAAI 2015; bins of equal counts: Nixon et al., CVPR
// workshops 2019.
double expected_calibration_error(std::span<const CalibrationBin> bins);

// The temperature t, within [1/20, 20], of the least log loss of logits divided by t, from the
// derivative of the loss with respect to 1/t. The loss is convex in 1/t. Source: Guo et al., "On
// calibration of modern neural networks", ICML 2017, section 4.2.
double least_loss_temperature(const std::function<double(double)>& derivative);

}  // namespace tapegrad::apps
