// The ratings that are expected when nothing is known of tastes.
#pragma once

#include <vector>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

//   rating(u, i) = μ + b_u + b_i,  b_i = Σ (r - μ) / (25 + ratings of i),
//   b_u = Σ (r - μ - b_i) / (10 + ratings of u)
// Source: Koren, "Factor in the neighbors", TKDD 2010, section 2.1.
class RatingBiases : public Recommender {
 public:
  explicit RatingBiases(const Interactions& events);
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;

 private:
  double mean_ = 0.0;
  std::vector<double> users_, items_;
};

}  // namespace tapegrad::apps
