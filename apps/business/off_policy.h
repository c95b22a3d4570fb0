// What another policy would have earned, from the log of the one that was at work.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/business/impressions.h>
#include <tapegrad/apps/business/policy.h>
#include <tapegrad/apps/evaluation/measures.h>

namespace tapegrad::apps {

// The mean of one reward an impression, such as a click, which is never negative. 95 % intervals
// are of the normal approximation, cut off at 0 where the mean is not below.
Estimate mean_reward(std::span<const double> rewards);

// Of a policy whose probability of what was shown is π_i, where the log's was p_i; w_i = π_i / p_i,
// r_i the reward, q̂(item, position) a model of it:
// - direct method: the mean of Σ_a π(a) q̂(a), which is as good as the model;
// - inverse propensity: the mean of w r;
// - self-normalised: Σ w r / Σ w;
// - doubly robust: the mean of Σ_a π(a) q̂(a) + w (r - q̂(shown)), right if the propensities or the
//   model are.
// q̂ is the mean reward of an item, drawn to the position's mean as if ten impressions of that were
// among its own, times what its position is to the mean of all; each fifth of the log has one that
// was fitted on the others. Sources: Dudík, Langford & Li, ICML 2011; Swaminathan & Joachims, NIPS
// 2015; cross-fitting: Chernozhukov et al. 2018.
struct OffPolicy {
  Estimate direct, inverse_propensity, self_normalised, doubly_robust;
  // Of q̂ for what was shown, against the rewards: the expected calibration error over ten bins.
  double calibration_error = 0.0;
};
OffPolicy estimate_policy(const Impressions& log, const Policy& policy,
                          std::span<const double> rewards);

// How much the log tells of the policy.
struct Overlap {
  double effective_sample_size = 0.0;  // (Σ w)² / Σ w²
  double greatest_weight = 0.0;
  double mean_weight = 0.0;        // 1 but for chance
  double effective_rewards = 0.0;  // (Σ w r)² / Σ (w r)²
};
Overlap overlap_of(const Impressions& log, const Policy& policy, std::span<const double> rewards);

// A sentence where the overlap is too small to rely on: an effective sample size below a tenth of
// the log, or below 30 effective rewards. Empty elsewhere.
std::string warning_of(const Overlap& overlap, Index impressions);

}  // namespace tapegrad::apps
