// Logistic regression on what can be counted of a session.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/data/purchase_sessions.h>

namespace tapegrad::apps {

// The logarithms of 1 + each of: its events, its distinct items, its seconds (0 without times), its
// events of items that it had before, and its events of each type.
std::vector<double> session_counts(const History& session, Index types);

// P(purchase) = σ(w₀ + Σ wᵢ·xᵢ) of these counts, with the weights of the highest likelihood less
// ½·Σ wᵢ² (found by Newton's method; the first weight is free). Source: Hosmer & Lemeshow, "Applied
// logistic regression", 2000, section 2.3.
class CountRegression {
 public:
  explicit CountRegression(const PurchaseSessions& training);
  CountRegression(std::vector<double> weights, Index types)
      : weights_(std::move(weights)), types_(types) {}
  double logit(const History& session) const;
  const std::vector<double>& weights() const { return weights_; }

 private:
  std::vector<double> weights_;
  Index types_ = 0;
};

}  // namespace tapegrad::apps
