#include <tapegrad/apps/evaluation/revenue.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace tapegrad::apps {
namespace {

double gain(double revenue, std::size_t rank) {
  return revenue / std::log2(1.0 + static_cast<double>(rank));
}

// Its greatest value: the dearest items first.
double ideal_gain(std::vector<double> revenue, int k) {
  std::ranges::sort(revenue, std::greater<>());
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(revenue.size(), static_cast<std::size_t>(k)); ++i)
    sum += gain(revenue[i], i + 1);
  return sum;
}

}  // namespace

RevenueMeasures revenue_measures(std::span<const RankedCase> cases, const TestedEvents& tested,
                                 int k) {
  const auto paid = revenue_of_pairs(tested);
  RevenueMeasures measures;
  std::vector<double> found, whole, ndcg;
  for (const RankedCase& one : cases) {
    std::vector<double> own;
    double all = 0.0, in_list = 0.0, gains = 0.0;
    for (std::size_t i = 0; i < one.relevant.size(); ++i) {
      const auto entry = paid.find({one.user, one.relevant[i]});
      own.push_back(entry == paid.end() ? 0.0 : entry->second);
      all += own.back();
      if (one.ranks[i] > k) continue;
      in_list += own.back();
      gains += gain(own.back(), static_cast<std::size_t>(one.ranks[i]));
    }
    if (all <= 0.0) continue;
    found.push_back(in_list);
    whole.push_back(all);
    ndcg.push_back(gains / ideal_gain(std::move(own), k));
    measures.all += all;
  }
  measures.share = ratio_of(found, whole);
  measures.ndcg = estimate_of(ndcg);
  return measures;
}

}  // namespace tapegrad::apps
