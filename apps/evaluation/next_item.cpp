#include <tapegrad/apps/evaluation/next_item.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>

namespace tapegrad::apps {
namespace {

constexpr Index block = 128;  // histories that are scored together

struct Rank {
  Index better = 0, equal = 0;  // competitors with a higher, with the same score
};

Rank rank_of(const NextItemCase& one, std::span<const float> scores) {
  const float own = scores[static_cast<std::size_t>(one.next)];
  Rank rank;
  std::vector<bool> left_out(scores.size(), false);
  for (const std::int32_t item : one.history)
    left_out[static_cast<std::size_t>(item)] = one.without_history;
  left_out[static_cast<std::size_t>(one.next)] = true;
  const auto compare = [&](std::int32_t item) {
    if (left_out[static_cast<std::size_t>(item)]) return;
    const float score = scores[static_cast<std::size_t>(item)];
    if (score > own || (std::isnan(own) && !std::isnan(score)))
      ++rank.better;
    else if (score == own || (std::isnan(own) && std::isnan(score)))
      ++rank.equal;
  };
  if (one.candidates.empty()) {
    for (std::int32_t item = 0; item < static_cast<std::int32_t>(scores.size()); ++item)
      compare(item);
  } else {
    for (const std::int32_t item : one.candidates) compare(item);
  }
  return rank;
}

void add(NextItemMetrics& sums, const Rank& rank) {
  const Index worst = rank.better + rank.equal + 1;
  if (worst <= sums.k) {
    sums.recall += 1.0;
    sums.mrr += 1.0 / static_cast<double>(worst);
    sums.ndcg += 1.0 / std::log2(1.0 + static_cast<double>(worst));
  }
  const double share = 1.0 / static_cast<double>(rank.equal + 1);
  for (Index place = rank.better + 1; place <= std::min<Index>(worst, sums.k); ++place) {
    sums.recall_random_ties += share;
    sums.mrr_random_ties += share / static_cast<double>(place);
  }
}

}  // namespace

NextItemMetrics evaluate_next_items(const NextItemPredictor& predictor,
                                    std::span<const NextItemCase> cases, Index items, int k,
                                    int threads) {
  if (k < 1 || threads < 1)
    throw OptionError(
        fmt::format("expected k and threads of at least 1, got {} and {}", k, threads));
  const auto count = static_cast<Index>(cases.size());
  std::vector<Rank> ranks(cases.size());
  const Index blocks = (count + block - 1) / block;
  parallel_ranges(blocks, 1, threads, [&](Index first, Index last) {
    std::vector<History> histories;
    std::vector<float> scores;
    for (Index b = first; b < last; ++b) {
      const auto part = cases.subspan(static_cast<std::size_t>(b * block),
                                      static_cast<std::size_t>(std::min(block, count - b * block)));
      histories.clear();
      for (const NextItemCase& one : part) histories.push_back(one.history);
      scores.resize(part.size() * static_cast<std::size_t>(items));
      predictor.score(histories, scores);
      for (std::size_t i = 0; i < part.size(); ++i) {
        const auto own = std::span(scores).subspan(i * static_cast<std::size_t>(items),
                                                   static_cast<std::size_t>(items));
        ranks[static_cast<std::size_t>(b * block) + i] = rank_of(part[i], own);
      }
    }
  });
  NextItemMetrics metrics;
  metrics.k = k;
  metrics.cases = count;
  for (const Rank& rank : ranks) add(metrics, rank);
  const double share = count > 0 ? 1.0 / static_cast<double>(count) : 0.0;
  for (double* mean : {&metrics.recall, &metrics.mrr, &metrics.ndcg, &metrics.recall_random_ties,
                       &metrics.mrr_random_ties})
    *mean *= share;
  return metrics;
}

std::vector<Scored> best_next_items(const NextItemPredictor& predictor, const History& history,
                                    Index items, int k, bool repeats) {
  std::vector<float> scores(static_cast<std::size_t>(items));
  predictor.score({&history, 1}, scores);
  std::vector<bool> left_out(scores.size(), false);
  for (const std::int32_t item : history) left_out[static_cast<std::size_t>(item)] = !repeats;
  return best_scores(scores, k,
                     [&](std::int32_t item) { return left_out[static_cast<std::size_t>(item)]; });
}

}  // namespace tapegrad::apps
