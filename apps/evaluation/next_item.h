// How well a model knows what comes next.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

using History = std::span<const std::int32_t>;  // items, oldest first; one or more

// Scores all items as the next one, higher is better; one const predictor serves many threads.
class NextItemPredictor {
 public:
  virtual ~NextItemPredictor() = default;
  // scores [histories, items]. A history's scores do not depend on the others beside it, but for
  // rounding.
  virtual void score(std::span<const History> histories, std::span<float> scores) const = 0;
};

// A history, the item that came next, and whom it competes with.
struct NextItemCase {
  History history;
  std::int32_t next = 0;
  std::vector<std::int32_t> candidates = {};  // empty: all items
  bool without_history = false;               // the history's own items do not compete
};

// Means over all cases, each in 0 .. 1; all 0 without cases.
struct NextItemMetrics {
  double recall = 0.0;  // the next item is among the first k
  double mrr = 0.0;     // 1 / its rank, 0 beyond k
  double ndcg = 0.0;    // 1 / log₂(1 + its rank), 0 beyond k
  // The same means if items of equal scores came in a random order, as in programs that sort
  // without a rule for them.
  double recall_random_ties = 0.0, mrr_random_ties = 0.0;
  Index cases = 0;
  int k = 0;
};

// Ties count against the model: an item with the score of the next one is ranked before it. NaN is
// the worst score. The same bits for any number of threads. Throws OptionError unless k and threads
// are positive.
NextItemMetrics evaluate_next_items(const NextItemPredictor& predictor,
                                    std::span<const NextItemCase> cases, Index items, int k,
                                    int threads);

// The k best items, best first, equal ones by number; those of the history too if `repeats`.
std::vector<Scored> best_next_items(const NextItemPredictor& predictor, const History& history,
                                    Index items, int k, bool repeats);

}  // namespace tapegrad::apps
