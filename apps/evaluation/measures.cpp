#include <tapegrad/apps/evaluation/measures.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

// Ranks cases one after another; buffers are kept between them.
class CaseRanker {
 public:
  CaseRanker(const Recommender& recommender, const UserItems& not_competing, Index longest)
      : recommender_(recommender), not_competing_(not_competing), longest_(longest) {}

  void rank(std::span<const RankingCase> cases, std::span<RankedCase> ranked) {
    std::vector<std::int32_t> users;
    std::vector<std::size_t> whole;  // the cases that are ranked among all items
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].candidates.empty()) {
        score_candidates(cases[i]);
        ranked[i] = finish(cases[i]);
        continue;
      }
      whole.push_back(i);
      users.push_back(cases[i].user);
    }
    const auto count = static_cast<std::size_t>(not_competing_.item_count());
    scores_.resize(users.size() * count);
    if (!users.empty()) recommender_.score_users(users, scores_);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      choose_competitors(cases[whole[i]], std::span(scores_).subspan(i * count, count));
      ranked[whole[i]] = finish(cases[whole[i]]);
    }
  }

 private:
  void score_candidates(const RankingCase& one) {
    items_ = one.relevant;
    items_.insert(items_.end(), one.candidates.begin(), one.candidates.end());
    scores_.resize(items_.size());
    recommender_.score(one.user, items_, scores_);
    const auto split = scores_.begin() + static_cast<Index>(one.relevant.size());
    relevant_.assign(scores_.begin(), split);
    competitors_.assign(split, scores_.end());
    if (longest_ > 0) competing_items_ = one.candidates;
  }

  void choose_competitors(const RankingCase& one, std::span<const float> scores) {
    const auto left_out = not_competing_.of(one.user);
    items_.assign(left_out.begin(), left_out.end());
    relevant_.clear();
    for (const std::int32_t item : one.relevant) {
      items_.push_back(item);
      relevant_.push_back(scores[static_cast<std::size_t>(item)]);
    }
    std::ranges::sort(items_);
    // What lies between the items that do not compete.
    competitors_.clear();
    competing_items_.clear();
    std::size_t next = 0;
    const auto take_until = [&](std::size_t end) {
      if (end > next)
        competitors_.insert(competitors_.end(), scores.begin() + static_cast<std::ptrdiff_t>(next),
                            scores.begin() + static_cast<std::ptrdiff_t>(end));
      for (; longest_ > 0 && next < end; ++next)
        competing_items_.push_back(static_cast<std::int32_t>(next));
      next = std::max(next, end + 1);
    };
    for (const std::int32_t item : items_) take_until(static_cast<std::size_t>(item));
    take_until(scores.size());
  }

  RankedCase finish(const RankingCase& one) const {
    RankedCase ranked{.user = one.user,
                      .ranks = ranks_of_relevant(relevant_, competitors_),
                      .relevant = {},
                      .competitors = static_cast<Index>(competitors_.size()),
                      .top = {}};
    const std::vector<Scored> relevant = sorted(one.relevant, relevant_, relevant_.size());
    for (const Scored& scored : relevant) ranked.relevant.push_back(scored.item);
    if (longest_ > 0) ranked.top = top_of(relevant);
    return ranked;
  }

  // The first `count` by score, equal ones by number.
  static std::vector<Scored> sorted(std::span<const std::int32_t> items,
                                    std::span<const float> scores, std::size_t count) {
    std::vector<Scored> list;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const float score =
          std::isnan(scores[i]) ? -std::numeric_limits<float>::infinity() : scores[i];
      list.push_back({items[i], score});
    }
    const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size()));
    std::ranges::partial_sort(list, end, [](const Scored& a, const Scored& b) {
      return a.score != b.score ? a.score > b.score : a.item < b.item;
    });
    list.erase(end, list.end());
    return list;
  }

  // Competitors before relevant items of the same score.
  std::vector<std::int32_t> top_of(std::span<const Scored> relevant) const {
    const std::vector<Scored> competitors =
        sorted(competing_items_, competitors_, static_cast<std::size_t>(longest_));
    std::vector<std::int32_t> top;
    std::size_t i = 0, j = 0;
    while (static_cast<Index>(top.size()) < longest_ &&
           (i < relevant.size() || j < competitors.size())) {
      const bool takes_relevant = j == competitors.size() ||
                                  (i < relevant.size() && relevant[i].score > competitors[j].score);
      top.push_back(takes_relevant ? relevant[i++].item : competitors[j++].item);
    }
    return top;
  }

  const Recommender& recommender_;
  const UserItems& not_competing_;
  Index longest_;
  std::vector<std::int32_t> items_, competing_items_;
  std::vector<float> scores_, relevant_, competitors_;
};

double discount(double rank) { return 1.0 / std::log2(1.0 + rank); }

}  // namespace

std::vector<RankedCase> rank_cases(const Recommender& recommender,
                                   std::span<const RankingCase> cases,
                                   const UserItems& not_competing, Index longest, int threads) {
  if (longest < 0) throw OptionError(fmt::format("expected lists of 0 or more, got {}", longest));
  if (threads < 1) throw OptionError(fmt::format("expected at least 1 thread, got {}", threads));
  constexpr Index together = 16;  // cases whose users are scored side by side
  const Index blocks = (static_cast<Index>(cases.size()) + together - 1) / together;
  std::vector<RankedCase> ranked(cases.size());
  parallel_ranges(blocks, 1, threads, [&](Index begin, Index end) {
    CaseRanker ranker(recommender, not_competing, longest);
    for (Index block = begin; block != end; ++block) {
      const auto first = static_cast<std::size_t>(block * together);
      const std::size_t count = std::min(static_cast<std::size_t>(together), cases.size() - first);
      ranker.rank(cases.subspan(first, count), std::span(ranked).subspan(first, count));
    }
  });
  return ranked;
}

std::string_view name_of(Measure measure) {
  constexpr std::array<std::string_view, 7> names = {"HR",  "Recall", "Precision", "NDCG",
                                                     "MRR", "MAP",    "AUC"};
  return names[static_cast<std::size_t>(measure)];
}

bool has_cutoff(Measure measure) { return measure != Measure::auc; }

double measure_of(Measure measure, std::span<const Index> ranks, Index competitors, int k) {
  const auto within =
      static_cast<std::size_t>(std::ranges::count_if(ranks, [&](Index rank) { return rank <= k; }));
  const auto count = static_cast<double>(ranks.size());
  switch (measure) {
    case Measure::hit_rate:
      return within > 0 ? 1.0 : 0.0;
    case Measure::recall:
      return static_cast<double>(within) / count;
    case Measure::precision:
      return static_cast<double>(within) / static_cast<double>(k);
    case Measure::ndcg: {
      double gain = 0.0, ideal = 0.0;
      for (std::size_t i = 0; i < ranks.size(); ++i) {
        if (i < within) gain += discount(static_cast<double>(ranks[i]));
        if (static_cast<Index>(i) < k) ideal += discount(static_cast<double>(i) + 1.0);
      }
      return gain / ideal;
    }
    case Measure::mrr:
      return within > 0 ? 1.0 / static_cast<double>(ranks[0]) : 0.0;
    case Measure::map: {
      double sum = 0.0;
      for (std::size_t i = 0; i < within; ++i)
        sum += (static_cast<double>(i) + 1.0) / static_cast<double>(ranks[i]);
      return sum / std::min(count, static_cast<double>(k));
    }
    case Measure::auc: {
      if (competitors == 0) return 0.5;
      double before = 0.0;
      for (std::size_t i = 0; i < ranks.size(); ++i)
        before += static_cast<double>(ranks[i] - 1 - static_cast<Index>(i));
      return 1.0 - before / (count * static_cast<double>(competitors));
    }
  }
  return 0.0;
}

ListMeasures measures_of_lists(std::span<const RankedCase> cases, const UserItems& training,
                               int k) {
  const std::vector<Index> users_of = training.item_user_counts();
  std::vector<double> shown(users_of.size(), 0.0);
  Index users = 0;
  for (Index user = 0; user < training.user_count(); ++user)
    users += training.of(user).empty() ? 0 : 1;
  double novelty = 0.0, all = 0.0;
  for (const RankedCase& one : cases) {
    for (std::size_t i = 0; i < std::min(one.top.size(), static_cast<std::size_t>(k)); ++i) {
      const auto item = static_cast<std::size_t>(one.top[i]);
      shown[item] += 1.0;
      all += 1.0;
      const double part = std::max(0.5, static_cast<double>(users_of[item])) /
                          static_cast<double>(std::max<Index>(1, users));
      novelty -= std::log2(part);
    }
  }
  ListMeasures measures;
  if (all == 0.0) return measures;
  const auto items = static_cast<double>(shown.size());
  measures.coverage =
      static_cast<double>(std::ranges::count_if(shown, [](double count) { return count > 0.0; })) /
      items;
  measures.novelty = novelty / all;
  std::ranges::sort(shown);
  double weighted = 0.0;
  for (std::size_t i = 0; i < shown.size(); ++i)
    weighted += (2.0 * (static_cast<double>(i) + 1.0) - items - 1.0) * shown[i];
  measures.gini = weighted / (items * all);
  return measures;
}

Estimate estimate_of(std::span<const double> values, std::uint64_t seed) {
  const std::vector<double> ones(values.size(), 1.0);
  return ratio_of(values, ones, seed);
}

Estimate ratio_of(std::span<const double> parts, std::span<const double> wholes,
                  std::uint64_t seed) {
  const double all = std::accumulate(wholes.begin(), wholes.end(), 0.0);
  if (!(all > 0.0)) return {};
  constexpr std::size_t samples = 1000;
  Random random(seed, 0);
  std::vector<double> ratios;
  const auto count = static_cast<Index>(parts.size());
  for (std::size_t sample = 0; sample < samples; ++sample) {
    double sum = 0.0, whole = 0.0;
    for (Index i = 0; i < count; ++i) {
      const auto drawn = static_cast<std::size_t>(random.below(count));
      sum += parts[drawn];
      whole += wholes[drawn];
    }
    ratios.push_back(sum / whole);
  }
  std::ranges::sort(ratios);
  return {std::accumulate(parts.begin(), parts.end(), 0.0) / all, ratios[samples / 40],
          ratios[samples - 1 - samples / 40]};
}

}  // namespace tapegrad::apps
