// What rankings are worth in money.
#pragma once

#include <span>

#include <tapegrad/apps/data/tested_events.h>
#include <tapegrad/apps/evaluation/measures.h>

namespace tapegrad::apps {

// Of cases whose relevant items have a revenue: what was paid for them in the test.
struct RevenueMeasures {
  double all = 0.0;  // the money of all cases
  // The part of it that was paid for items among the first k of their case's ranking.
  Estimate share{};
  // NDCG with the revenue of an item in place of its relevance 1: the mean over the cases of
  // Σ revenue / log₂(1 + rank) over items among the first k, divided by its greatest value.
  Estimate ndcg{};
};

RevenueMeasures revenue_measures(std::span<const RankedCase> cases, const TestedEvents& tested,
                                 int k);

}  // namespace tapegrad::apps
