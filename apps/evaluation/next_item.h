// How well a model knows what comes next.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <tapegrad/apps/data/next_item_case.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/top_k.h>

namespace tapegrad::apps {

// Scores all items as the next one, higher is better; one const predictor serves many threads.
class NextItemPredictor {
 public:
  virtual ~NextItemPredictor() = default;
  // Writes scores [histories, items]; each history has an event or more. A history's scores do not
  // depend on the others beside it, but for rounding.
  virtual void score(std::span<const History> histories, std::span<float> scores) const = 0;
};

// A case after it was ranked: the ranks of what came next, ascending, 1 is best.
struct RankedNext {
  Index session = 0;
  std::vector<Index> ranks;
  Index equal = 0;       // competitors with the score of the item, where one item came next
  bool is_known = true;  // whether all that came next is
};

// The rank of an item that is not known, or is asked for after a history without a known item.
inline constexpr Index never = std::numeric_limits<Index>::max();

// Ranks all cases. Ties count against the model: a competitor with the score of what came next is
// ranked before it. NaN is the worst score. The same bits for any number of threads. Throws
// OptionError unless there is a thread.
std::vector<RankedNext> rank_next_items(const NextItemPredictor& predictor,
                                        std::span<const NextItemCase> cases, Index items,
                                        int threads);

// Means over all cases, each in 0 .. 1; all 0 without cases. measure_of() has the definitions.
struct NextItemMetrics {
  double hit_rate = 0.0, recall = 0.0, mrr = 0.0, ndcg = 0.0;
  // The recall and the MRR if items of equal scores came in a random order, as in programs that
  // sort without a rule for them. Only of cases in which one item came next.
  double recall_random_ties = 0.0, mrr_random_ties = 0.0;
  // The recall and the MRR of the cases in which all that came next is known.
  double known_recall = 0.0, known_mrr = 0.0;
  Index cases = 0, known_cases = 0;
  int k = 0;
};

// Throws OptionError unless k is positive.
NextItemMetrics metrics_of(std::span<const RankedNext> cases, int k);

// The mean of a value of each case with its 95 % interval, for which whole sessions are drawn,
// since the cases of one session are alike.
Estimate estimate_by_session(std::span<const RankedNext> cases,
                             const std::function<double(std::size_t)>& value);

// The k best items, best first, equal ones by number; those of the history too if `repeats`.
std::vector<Scored> best_next_items(const NextItemPredictor& predictor, const History& history,
                                    Index items, int k, bool repeats);
// The same by the scores of all items.
std::vector<Scored> best_next_items(std::span<const float> scores,
                                    std::span<const std::int32_t> history, int k, bool repeats);

}  // namespace tapegrad::apps
