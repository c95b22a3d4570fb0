#pragma once

#include <tapegrad/apps/data/ranking_case.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/graph/dtype.h>
#include <span>
#include <vector>

namespace tapegrad::apps {

// Means over all cases, each in 0 .. 1; all 0 without cases.
struct RankingMetrics {
  double hit_rate = 0.0;  // cases with a relevant item among the first k
  double ndcg = 0.0;      // DCG over the ideal DCG, both cut at k (Jaervelin and Kekaelaeinen 2002)
  double mrr = 0.0;       // 1 / rank of the first relevant item, 0 beyond rank k
  Index cases = 0;
  int k = 0;
};

// The ranks of relevant items among competitors, ascending, 1 is best.
//
// A competitor with the same score is ranked before a relevant item: ties count against the model.
// NaN counts as the worst score, so that a relevant item with NaN comes last. With one relevant
// item the rank is 1 + the number of competitors whose score is at least its own; of several the
// better ones are ranked before the others.
std::vector<Index> ranks_of_relevant(std::span<const float> relevant_scores,
                                     std::span<const float> competitor_scores);

// HR, NDCG and MRR at k of one case from its ranks as ranks_of_relevant gives them.
//
// DCG is the sum of 1 / log2(1 + rank) over relevant items with rank <= k; the ideal one has the
// relevant items on ranks 1 .. min(k, number of relevant items).
RankingMetrics metrics_of_ranks(std::span<const Index> ranks, int k);

// The means of these over cases that were ranked (rank_cases). Throws OptionError unless k >= 1.
RankingMetrics mean_metrics(std::span<const RankedCase> cases, int k);

// Ranks every case and averages. A case without candidates is ranked among all items that are
// neither relevant nor among those that the user `had`. The result has the same bits for any number
// of threads. Throws OptionError unless k >= 1 and threads >= 1; what the recommender throws comes
// through.
RankingMetrics evaluate_ranking(const Recommender& recommender, std::span<const RankingCase> cases,
                                const UserItems& had, int k, int threads);

}  // namespace tapegrad::apps
