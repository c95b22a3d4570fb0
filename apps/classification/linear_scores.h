// Scores of classes that are linear in an example's numbers.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// score_c = Σ w_cᵢ·xᵢ + b_c. A class without examples has a bias of -∞.
struct LinearScores {
  Index classes = 0, width = 0;
  std::vector<double> weights;  // [classes, width + 1], the bias last

  // By class.
  std::vector<double> of(std::span<const FeatureEntry> row) const {
    std::vector<double> scores;
    for (Index c = 0; c < classes; ++c) {
      const auto own = std::span(weights).subspan(static_cast<std::size_t>(c * (width + 1)));
      double score = own[static_cast<std::size_t>(width)];
      for (const FeatureEntry& entry : row)
        score += own[static_cast<std::size_t>(entry.place)] * static_cast<double>(entry.value);
      scores.push_back(score);
    }
    return scores;
  }
};

// log σ(score) of each, whose softmax is what one-against-all logistic regression says of classes:
// σ(score_c) scaled to a sum of 1.
inline std::vector<double> log_sigmoids(std::vector<double> scores) {
  for (double& score : scores)
    score = score < 0.0 ? score - std::log1p(std::exp(score)) : -std::log1p(std::exp(-score));
  return scores;
}

}  // namespace tapegrad::apps
