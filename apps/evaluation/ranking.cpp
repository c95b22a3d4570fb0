#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
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

// Ranks cases one after another; buffers are kept between them.
class CaseRanker {
 public:
  CaseRanker(const Recommender& recommender, const UserItems& had)
      : recommender_(recommender), had_(had) {}

  // The ranks of the relevant items of each case.
  void rank(std::span<const RankingCase> cases, std::span<std::vector<Index>> ranks) {
    std::vector<std::int32_t> users;
    std::vector<std::size_t> whole;  // the cases that are ranked among all items
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].candidates.empty()) {
        score_candidates(cases[i]);
        ranks[i] = ranks_of_relevant(relevant_, competitors_);
        continue;
      }
      whole.push_back(i);
      users.push_back(cases[i].user);
    }
    const auto count = static_cast<std::size_t>(had_.item_count());
    scores_.resize(users.size() * count);
    if (!users.empty()) recommender_.score_users(users, scores_);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      choose_competitors(cases[whole[i]], std::span(scores_).subspan(i * count, count));
      ranks[whole[i]] = ranks_of_relevant(relevant_, competitors_);
    }
  }

 private:
  void score_candidates(const RankingCase& ranking_case) {
    items_ = ranking_case.relevant;
    items_.insert(items_.end(), ranking_case.candidates.begin(), ranking_case.candidates.end());
    candidate_scores_.resize(items_.size());
    recommender_.score(ranking_case.user, items_, candidate_scores_);
    const auto split = candidate_scores_.begin() + static_cast<Index>(ranking_case.relevant.size());
    relevant_.assign(candidate_scores_.begin(), split);
    competitors_.assign(split, candidate_scores_.end());
  }

  void choose_competitors(const RankingCase& ranking_case, std::span<const float> scores) {
    const auto had = had_.of(ranking_case.user);
    items_.assign(had.begin(), had.end());
    relevant_.clear();
    for (const std::int32_t item : ranking_case.relevant) {
      items_.push_back(item);
      relevant_.push_back(scores[static_cast<std::size_t>(item)]);
    }
    std::ranges::sort(items_);
    // What lies between the items that do not compete.
    competitors_.clear();
    std::size_t next = 0;
    for (const std::int32_t item : items_) {
      const auto place = static_cast<std::size_t>(item);
      if (place >= next)
        competitors_.insert(competitors_.end(), scores.begin() + static_cast<std::ptrdiff_t>(next),
                            scores.begin() + static_cast<std::ptrdiff_t>(place));
      next = std::max(next, place + 1);
    }
    competitors_.insert(competitors_.end(), scores.begin() + static_cast<std::ptrdiff_t>(next),
                        scores.end());
  }

  const Recommender& recommender_;
  const UserItems& had_;
  std::vector<std::int32_t> items_;
  std::vector<float> scores_, candidate_scores_, relevant_, competitors_;
};

double discount(Index rank) { return 1.0 / std::log2(1.0 + static_cast<double>(rank)); }

RankingMetrics mean_of(std::span<const RankingMetrics> parts, int k) {
  RankingMetrics mean{0.0, 0.0, 0.0, static_cast<Index>(parts.size()), k};
  for (const RankingMetrics& part : parts) {
    mean.hit_rate += part.hit_rate;
    mean.ndcg += part.ndcg;
    mean.mrr += part.mrr;
  }
  const double count = std::max(1.0, static_cast<double>(parts.size()));
  mean.hit_rate /= count;
  mean.ndcg /= count;
  mean.mrr /= count;
  return mean;
}

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

RankingMetrics evaluate_ranking(const Recommender& recommender, std::span<const RankingCase> cases,
                                const UserItems& had, int k, int threads) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  if (threads < 1) throw OptionError(fmt::format("expected at least 1 thread, got {}", threads));
  constexpr Index together = 16;  // cases whose users are scored side by side
  const Index blocks = (static_cast<Index>(cases.size()) + together - 1) / together;
  std::vector<std::vector<Index>> ranks(cases.size());
  parallel_ranges(blocks, 1, threads, [&](Index begin, Index end) {
    CaseRanker ranker(recommender, had);
    for (Index block = begin; block != end; ++block) {
      const auto first = static_cast<std::size_t>(block * together);
      const std::size_t count = std::min(static_cast<std::size_t>(together), cases.size() - first);
      ranker.rank(cases.subspan(first, count), std::span(ranks).subspan(first, count));
    }
  });
  std::vector<RankingMetrics> parts;
  parts.reserve(cases.size());
  for (const std::vector<Index>& own : ranks) parts.push_back(metrics_of_ranks(own, k));
  // Summed in the order of the cases, whatever thread ranked them.
  return mean_of(parts, k);
}

}  // namespace tapegrad::apps
