// How well probabilities tell what happens from what does not.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/evaluation/measures.h>

namespace tapegrad::apps {

// Probabilities, and whether what they are of happened; parallel.
struct Binary {
  std::vector<double> probabilities;
  std::vector<bool> happened;
};

// The area under the ROC curve: how often what happened has a higher probability than what did not,
// equal ones counting half; ½ where there are not both. Source: Hanley & McNeil, Radiology 1982.
double area_under_roc(const Binary& predictions);

// Average precision: the mean over what happened of the precision among all that has at least its
// probability; 0 where nothing happened. Source: Manning, Raghavan & Schütze 2008, section 8.4.
double average_precision(const Binary& predictions);

// The mean of -log of the probability of what came about, which is kept within [1e-15, 1 - 1e-15].
double log_loss(const Binary& predictions);

struct Decision {
  double threshold = 0.5;  // a probability of this or more says yes
  double precision = 0.0, recall = 0.0, f1 = 0.0;
};
Decision decide(const Binary& predictions, double threshold);
// The threshold with the highest F1, the highest of equal ones.
Decision best_decision(const Binary& predictions);

// The least threshold whose decisions have the precision or more; without one, that of the greatest
// precision. ½ where there are no predictions.
double threshold_for_precision(const Binary& predictions, double precision);

// The factor t > 0 that logits are divided by so that the log loss of σ(logit / t) is least.
// Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2.
double fit_temperature(std::span<const double> logits, const std::vector<bool>& happened);

// The difference of the average precisions of two models on the same cases, with a 95 % interval
// from 1,000 samples of the cases with repetition.
Estimate compare_average_precision(const Binary& one, const Binary& other, std::uint64_t seed = 1);

}  // namespace tapegrad::apps
