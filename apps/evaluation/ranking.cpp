#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace tapegrad::apps {
namespace {

float with_nan_worst(float score) {
  return std::isnan(score) ? -std::numeric_limits<float>::infinity() : score;
}

double discount(Index rank) { return 1.0 / std::log2(1.0 + static_cast<double>(rank)); }

}  // namespace

std::vector<Index> ranks_of_relevant(std::span<const float> relevant_scores,
                                     std::span<const float> competitor_scores) {
  std::vector<float> relevant(relevant_scores.size());
  std::transform(relevant_scores.begin(), relevant_scores.end(), relevant.begin(), with_nan_worst);
  std::sort(relevant.begin(), relevant.end(), std::greater<>());
  if (relevant.size() == 1) {
    const auto before = std::ranges::count_if(
        competitor_scores, [&](float score) { return with_nan_worst(score) >= relevant[0]; });
    return {1 + before};
  }
  // A competitor stands before the first relevant item that it reaches, and so before all worse
  // ones.
  std::vector<Index> ranks(relevant.size() + 1, 0);
  for (const float score : competitor_scores) {
    const auto beaten =
        std::lower_bound(relevant.begin(), relevant.end(), with_nan_worst(score), std::greater<>());
    ++ranks[static_cast<std::size_t>(beaten - relevant.begin())];
  }
  ranks.pop_back();
  Index before = 0;
  for (Index& rank : ranks) {
    before += rank + 1;
    rank = before;
  }
  return ranks;
}

RankingMetrics metrics_of_ranks(std::span<const Index> ranks, int k) {
  RankingMetrics metrics{0.0, 0.0, 0.0, 1, k};
  double ideal = 0.0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const auto position = static_cast<Index>(i) + 1;
    if (position <= k) ideal += discount(position);
    if (ranks[i] <= k) metrics.ndcg += discount(ranks[i]);
  }
  if (ideal > 0.0) metrics.ndcg /= ideal;
  if (!ranks.empty() && ranks[0] <= k) {
    metrics.hit_rate = 1.0;
    metrics.mrr = 1.0 / static_cast<double>(ranks[0]);
  }
  return metrics;
}

RankingMetrics mean_metrics(std::span<const RankedCase> cases, int k) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  RankingMetrics mean{0.0, 0.0, 0.0, static_cast<Index>(cases.size()), k};
  // Summed in the order of the cases, whatever thread ranked them.
  for (const RankedCase& one : cases) {
    const RankingMetrics part = metrics_of_ranks(one.ranks, k);
    mean.hit_rate += part.hit_rate;
    mean.ndcg += part.ndcg;
    mean.mrr += part.mrr;
  }
  const double count = std::max(1.0, static_cast<double>(cases.size()));
  mean.hit_rate /= count;
  mean.ndcg /= count;
  mean.mrr /= count;
  return mean;
}

RankingMetrics evaluate_ranking(const Recommender& recommender, std::span<const RankingCase> cases,
                                const UserItems& had, int k, int threads) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  return mean_metrics(rank_cases(recommender, cases, had, 0, threads), k);
}

}  // namespace tapegrad::apps
