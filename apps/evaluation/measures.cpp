#include <tapegrad/apps/evaluation/measures.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

float with_nan_worst(float score) {
  return std::isnan(score) ? -std::numeric_limits<float>::infinity() : score;
}

// Ranks the items of one case, whose scores are given by item.
class OneRanking {
 public:
  OneRanking(const RankingCase& one, const UserItems& not_competing, Index longest)
      : one_(one), not_competing_(not_competing), longest_(longest) {}

  // `scores` has one for each of `items`; the relevant ones are among them.
  RankedCase rank(std::span<const std::int32_t> items, std::span<const float> scores) const {
    RankedCase ranked{.user = one_.user, .ranks = {}, .relevant = {}, .competitors = 0, .top = {}};
    std::vector<std::int32_t> relevant_items = one_.relevant;
    std::ranges::sort(relevant_items);
    std::vector<Scored> relevant, competitors;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const std::int32_t item = items.empty() ? static_cast<std::int32_t>(i) : items[i];
      const Scored scored{item, with_nan_worst(scores[i])};
      if (std::ranges::binary_search(relevant_items, item))
        relevant.push_back(scored);
      else if (!items.empty() || !not_competing_.contains(one_.user, item))
        competitors.push_back(scored);
    }
    std::ranges::sort(relevant, before);
    // A competitor stands before the first relevant item that it reaches.
    std::vector<Index> reached(relevant.size() + 1, 0);
    for (const Scored& competitor : competitors) {
      const auto place =
          std::ranges::lower_bound(relevant, competitor.score, std::greater<>(), &Scored::score);
      ++reached[static_cast<std::size_t>(place - relevant.begin())];
    }
    Index rank = 0;
    for (std::size_t i = 0; i < relevant.size(); ++i) {
      rank += reached[i] + 1;
      ranked.ranks.push_back(rank);
      ranked.relevant.push_back(relevant[i].item);
    }
    ranked.competitors = static_cast<Index>(competitors.size());
    ranked.top = top_of(relevant, competitors);
    return ranked;
  }

 private:
  static bool before(const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }

  // Competitors before relevant items of the same score.
  std::vector<std::int32_t> top_of(std::span<const Scored> relevant,
                                   std::vector<Scored>& competitors) const {
    const auto count = std::min(static_cast<std::size_t>(longest_), competitors.size());
    std::ranges::partial_sort(competitors, competitors.begin() + static_cast<std::ptrdiff_t>(count),
                              before);
    std::vector<std::int32_t> top;
    std::size_t i = 0, j = 0;
    while (static_cast<Index>(top.size()) < longest_ && (i < relevant.size() || j < count)) {
      const bool takes_relevant =
          j == count || (i < relevant.size() && relevant[i].score > competitors[j].score);
      top.push_back(takes_relevant ? relevant[i++].item : competitors[j++].item);
    }
    return top;
  }

  const RankingCase& one_;
  const UserItems& not_competing_;
  Index longest_;
};

double discount(double rank) { return 1.0 / std::log2(1.0 + rank); }

}  // namespace

std::vector<RankedCase> rank_cases(const Recommender& recommender,
                                   std::span<const RankingCase> cases,
                                   const UserItems& not_competing, Index longest, int threads) {
  if (longest < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", longest));
  if (threads < 1) throw OptionError(fmt::format("expected at least 1 thread, got {}", threads));
  constexpr Index together = 16;  // cases whose users are scored side by side
  const auto items = static_cast<std::size_t>(not_competing.item_count());
  std::vector<RankedCase> ranked(cases.size());
  const Index blocks = (static_cast<Index>(cases.size()) + together - 1) / together;
  parallel_ranges(blocks, 1, threads, [&](Index begin, Index end) {
    std::vector<float> scores;
    std::vector<std::int32_t> users, own_items;
    for (auto i = static_cast<std::size_t>(begin * together);
         i < std::min(cases.size(), static_cast<std::size_t>(end * together));) {
      const RankingCase& one = cases[i];
      const OneRanking ranking(one, not_competing, longest);
      if (!one.candidates.empty()) {
        own_items = one.relevant;
        own_items.insert(own_items.end(), one.candidates.begin(), one.candidates.end());
        scores.resize(own_items.size());
        recommender.score(one.user, own_items, scores);
        ranked[i++] = ranking.rank(own_items, scores);
        continue;
      }
      users.clear();
      const std::size_t first = i;
      while (i < cases.size() && users.size() < static_cast<std::size_t>(together) &&
             cases[i].candidates.empty() && i < static_cast<std::size_t>(end * together))
        users.push_back(cases[i++].user);
      scores.resize(users.size() * items);
      recommender.score_users(users, scores);
      for (std::size_t user = 0; user < users.size(); ++user)
        ranked[first + user] = OneRanking(cases[first + user], not_competing, longest)
                                   .rank({}, std::span(scores).subspan(user * items, items));
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
  if (values.empty()) return {};
  constexpr std::size_t samples = 1000;
  Random random(seed, 0);
  std::vector<double> means;
  const auto count = static_cast<Index>(values.size());
  for (std::size_t sample = 0; sample < samples; ++sample) {
    double sum = 0.0;
    for (Index i = 0; i < count; ++i) sum += values[static_cast<std::size_t>(random.below(count))];
    means.push_back(sum / static_cast<double>(count));
  }
  std::ranges::sort(means);
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(count);
  return {mean, means[samples / 40], means[samples - 1 - samples / 40]};
}

}  // namespace tapegrad::apps
