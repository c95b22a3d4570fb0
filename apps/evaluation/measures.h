// What a ranking is worth, in the measures that people use. docs/measures.md has their definitions
// with sources.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/ranking_case.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// One case after it was ranked.
struct RankedCase {
  std::int32_t user = 0;
  std::vector<Index> ranks;            // of the relevant items, ascending, 1 is best
  std::vector<std::int32_t> relevant;  // in the order of their ranks
  Index competitors = 0;
  std::vector<std::int32_t> top;  // the best of all that competed, best first
};

// Ranks all cases once; `longest` is the length of the lists in `top`, 0 for none. Ties count
// against the model, as in ranks_of_relevant(); among relevant items of equal scores the one with
// the lower number is first. The same bits for any number of threads.
std::vector<RankedCase> rank_cases(const Recommender& recommender,
                                   std::span<const RankingCase> cases,
                                   const UserItems& not_competing, Index longest, int threads);

// Measures of one case at k, each within [0, 1].
enum class Measure { hit_rate, recall, precision, ndcg, mrr, map, auc };
inline constexpr std::array all_measures = {Measure::hit_rate, Measure::recall, Measure::precision,
                                            Measure::ndcg,     Measure::mrr,    Measure::map,
                                            Measure::auc};
// As people write it: "HR", "NDCG".
std::string_view name_of(Measure measure);
// Whether it depends on k: AUC does not.
bool has_cutoff(Measure measure);

// From the ascending ranks of the relevant items, of which there is at least one:
// - hit_rate: 1 if one is among the first k;
// - recall: the part of them that is among the first k; precision: their number there over k;
// - ndcg: Σ 1/log₂(1 + rank) over those there, over its value for ranks 1, 2, ...;
// - mrr: 1/rank of the first, 0 beyond k;
// - map: the mean of i/rank_i over those there, divided by min(k, their number) in all;
// - auc: the part of pairs of a relevant item and a competitor that are in the right order; ½
//   without competitors.
double measure_of(Measure measure, std::span<const Index> ranks, Index competitors, int k);

// Of lists of k for many people: the part of the items that is on some list; the Gini coefficient
// of how often each item is on one (0: all alike, 1: one item alone); and the mean over lists and
// items of -log₂(the part of users that have the item in the training), an item that nobody has
// counting as if one half of a user had it. Sources: Herlocker et al. 2004; Fleder & Hosanagar
// 2009; Zhou et al. 2010.
struct ListMeasures {
  double coverage = 0.0, gini = 0.0, novelty = 0.0;
};
ListMeasures measures_of_lists(std::span<const RankedCase> cases, const UserItems& training, int k);

// A mean with its 95 % interval: percentiles of the means of 1,000 samples of the cases with
// repetition (Efron 1979).
struct Estimate {
  double mean = 0.0, low = 0.0, high = 0.0;
};
Estimate estimate_of(std::span<const double> values, std::uint64_t seed = 1);
// The same of the sum of some parts over the sum of their wholes, one of each a case.
Estimate ratio_of(std::span<const double> parts, std::span<const double> wholes,
                  std::uint64_t seed = 1);

}  // namespace tapegrad::apps
