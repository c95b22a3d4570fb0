#pragma once

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <array>
#include <span>
#include <vector>

namespace tapegrad::apps {

// The values of lambda that choose_ease_lambda is meant to be given where nothing is known about
// the data.
inline constexpr std::array ease_lambdas = {20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0};

// One lambda tried and what came of it on the validation.
struct EaseTrial {
  double lambda = 0.0;
  RankingMetrics metrics;
};

// The best lambda by hit rate at k, among equals by NDCG, then the first one; with all trials in
// the order given.
struct EaseChoice {
  double lambda = 0.0;
  std::vector<EaseTrial> trials;
};

// Trains EASE on the validation's training events once for each lambda and ranks the validation's
// cases. `options` gives the threads, the item limit and the progress; `tried` is told of each
// trial as it comes. Throws OptionError for an empty list and as EaseRecommender does.
EaseChoice choose_ease_lambda(const Split& validation, std::span<const double> lambdas, int k,
                              const EaseOptions& options = {},
                              const std::function<void(const EaseTrial&)>& tried = nullptr);

}  // namespace tapegrad::apps
