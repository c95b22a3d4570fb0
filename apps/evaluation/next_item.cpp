#include <tapegrad/apps/evaluation/next_item.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>

namespace tapegrad::apps {
namespace {

constexpr Index block = 128;  // histories that are scored together

// Ranks cases one after another; buffers are kept between them.
class NextItemRanker {
 public:
  explicit NextItemRanker(std::size_t items) : left_out_(items, 0) {}

  RankedNext rank(const NextItemCase& one, std::span<float> scores) {
    for (float& score : scores)
      score = std::isnan(score) ? -std::numeric_limits<float>::infinity() : score;
    leave_out(one);
    own_.clear();
    for (const std::int32_t item : one.relevant) own_.push_back(scores[at(item)]);
    std::ranges::sort(own_, std::greater<>());
    RankedNext ranked;
    for (std::size_t i = 0; i < own_.size(); ++i) {
      const auto [better, equal] = count(one, scores, own_[i]);
      ranked.ranks.push_back(static_cast<Index>(i) + 1 + better + equal);
      ranked.equal = equal;
    }
    return ranked;
  }

 private:
  struct Count {
    Index better = 0, equal = 0;
  };

  static std::size_t at(std::int32_t item) { return static_cast<std::size_t>(item); }

  // Lists once each item that does not compete.
  void leave_out(const NextItemCase& one) {
    for (const std::int32_t item : apart_) left_out_[at(item)] = 0;
    apart_.clear();
    const auto add = [this](std::int32_t item) {
      if (left_out_[at(item)] == 0) apart_.push_back(item);
      left_out_[at(item)] = 1;
    };
    for (const std::int32_t item : one.relevant) add(item);
    if (!one.without_history) return;
    for (const std::int32_t item : one.history.items) add(item);
  }

  // The competitors with a higher score, and with the same one.
  Count count(const NextItemCase& one, std::span<const float> scores, float own) const {
    Count counted;
    if (!one.candidates.empty()) {
      for (const std::int32_t item : one.candidates) {
        if (left_out_[at(item)] != 0) continue;
        counted.better += scores[at(item)] > own ? 1 : 0;
        counted.equal += scores[at(item)] == own ? 1 : 0;
      }
      return counted;
    }
    std::int32_t better = 0, equal = 0;
    for (const float score : scores) {
      better += score > own ? 1 : 0;
      equal += score == own ? 1 : 0;
    }
    for (const std::int32_t item : apart_) {
      better -= scores[at(item)] > own ? 1 : 0;
      equal -= scores[at(item)] == own ? 1 : 0;
    }
    return {better, equal};
  }

  std::vector<char> left_out_;
  std::vector<std::int32_t> apart_;
  std::vector<float> own_;
};

double value_of(const RankedNext& one, Measure measure, int k) {
  return measure_of(measure, one.ranks, 0, k);
}

void add_random_ties(NextItemMetrics& sums, const RankedNext& one) {
  if (one.ranks.size() != 1 || one.ranks.front() == never) return;
  const Index worst = one.ranks.front();
  const double share = 1.0 / static_cast<double>(one.equal + 1);
  for (Index place = worst - one.equal; place <= std::min<Index>(worst, sums.k); ++place) {
    sums.recall_random_ties += share;
    sums.mrr_random_ties += share / static_cast<double>(place);
  }
}

}  // namespace

std::vector<RankedNext> rank_next_items(const NextItemPredictor& predictor,
                                        std::span<const NextItemCase> cases, Index items,
                                        int threads) {
  if (threads < 1) throw OptionError(fmt::format("expected at least 1 thread, got {}", threads));
  const auto count = static_cast<Index>(cases.size());
  const auto width = static_cast<std::size_t>(items);
  std::vector<RankedNext> ranked(cases.size());
  parallel_ranges((count + block - 1) / block, 1, threads, [&](Index first, Index last) {
    NextItemRanker ranker(width);
    std::vector<std::size_t> asked;
    std::vector<History> histories;
    std::vector<float> scores;
    for (Index b = first; b < last; ++b) {
      const auto begin = static_cast<std::size_t>(b * block);
      const auto end = static_cast<std::size_t>(std::min(count, (b + 1) * block));
      asked.clear();
      histories.clear();
      for (std::size_t i = begin; i < end; ++i) {
        if (cases[i].history.empty() || cases[i].relevant.empty()) continue;
        asked.push_back(i);
        histories.push_back(cases[i].history);
      }
      scores.resize(asked.size() * width);
      if (!asked.empty()) predictor.score(histories, scores);
      for (std::size_t j = 0; j < asked.size(); ++j)
        ranked[asked[j]] =
            ranker.rank(cases[asked[j]], std::span(scores).subspan(j * width, width));
      for (std::size_t i = begin; i < end; ++i) {
        const NextItemCase& one = cases[i];
        ranked[i].session = one.session;
        ranked[i].is_known = one.unseen == 0;
        ranked[i].ranks.resize(one.relevant.size() + static_cast<std::size_t>(one.unseen), never);
      }
    }
  });
  return ranked;
}

NextItemMetrics metrics_of(std::span<const RankedNext> cases, int k) {
  if (k < 1) throw OptionError(fmt::format("expected a k of at least 1, got {}", k));
  NextItemMetrics metrics;
  metrics.k = k;
  metrics.cases = static_cast<Index>(cases.size());
  for (const RankedNext& one : cases) {
    const double recall = value_of(one, Measure::recall, k), mrr = value_of(one, Measure::mrr, k);
    metrics.hit_rate += value_of(one, Measure::hit_rate, k);
    metrics.recall += recall;
    metrics.mrr += mrr;
    metrics.ndcg += value_of(one, Measure::ndcg, k);
    add_random_ties(metrics, one);
    if (!one.is_known) continue;
    ++metrics.known_cases;
    metrics.known_recall += recall;
    metrics.known_mrr += mrr;
  }
  const auto share = [](Index count) { return count > 0 ? 1.0 / static_cast<double>(count) : 0.0; };
  for (double* sum : {&metrics.hit_rate, &metrics.recall, &metrics.mrr, &metrics.ndcg,
                      &metrics.recall_random_ties, &metrics.mrr_random_ties})
    *sum *= share(metrics.cases);
  for (double* sum : {&metrics.known_recall, &metrics.known_mrr})
    *sum *= share(metrics.known_cases);
  return metrics;
}

Estimate estimate_by_session(std::span<const RankedNext> cases,
                             const std::function<double(std::size_t)>& value) {
  std::vector<double> sums, counts;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (i == 0 || cases[i].session != cases[i - 1].session) {
      sums.push_back(0.0);
      counts.push_back(0.0);
    }
    sums.back() += value(i);
    counts.back() += 1.0;
  }
  return ratio_of(sums, counts);
}

std::vector<Scored> best_next_items(const NextItemPredictor& predictor, const History& history,
                                    Index items, int k, bool repeats) {
  std::vector<float> scores(static_cast<std::size_t>(items));
  predictor.score({&history, 1}, scores);
  return best_next_items(scores, history.items, k, repeats);
}

std::vector<Scored> best_next_items(std::span<const float> scores,
                                    std::span<const std::int32_t> history, int k, bool repeats) {
  std::vector<bool> left_out(scores.size(), false);
  for (const std::int32_t item : history) left_out[static_cast<std::size_t>(item)] = !repeats;
  return best_scores(scores, k,
                     [&](std::int32_t item) { return left_out[static_cast<std::size_t>(item)]; });
}

}  // namespace tapegrad::apps
