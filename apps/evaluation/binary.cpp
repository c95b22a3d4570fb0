#include <tapegrad/apps/evaluation/binary.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/calibration.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

// The places of predictions by probability, the highest first.
std::vector<std::size_t> by_probability(const Binary& predictions) {
  std::vector<std::size_t> order(predictions.probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater<>(),
                    [&](std::size_t i) { return predictions.probabilities[i]; });
  return order;
}

// Calls visit(first, last, yes, no) for each run of equal probabilities in the order: where it
// begins and ends, and how many in it happened and did not, each counted `times`.
template <class Visit>
void each_run(const Binary& predictions, const std::vector<std::size_t>& order,
              std::span<const double> times, const Visit& visit) {
  for (std::size_t i = 0; i < order.size();) {
    const double probability = predictions.probabilities[order[i]];
    double yes = 0.0, no = 0.0;
    for (; i < order.size() && predictions.probabilities[order[i]] == probability; ++i) {
      const double weight = times.empty() ? 1.0 : times[order[i]];
      (predictions.happened[order[i]] ? yes : no) += weight;
    }
    visit(probability, yes, no);
  }
}

double average_precision(const Binary& predictions, const std::vector<std::size_t>& order,
                         std::span<const double> times) {
  double sum = 0.0, all = 0.0, yes_before = 0.0;
  each_run(predictions, order, times, [&](double /*probability*/, double yes, double no) {
    yes_before += yes;
    all += yes + no;
    if (all > 0.0) sum += yes * yes_before / all;
  });
  return yes_before > 0.0 ? sum / yes_before : 0.0;
}

Decision decision_of(double threshold, double hits, double said, double happened) {
  Decision decision{.threshold = threshold};
  decision.precision = said > 0.0 ? hits / said : 0.0;
  decision.recall = happened > 0.0 ? hits / happened : 0.0;
  const double sum = decision.precision + decision.recall;
  decision.f1 = sum > 0.0 ? 2.0 * decision.precision * decision.recall / sum : 0.0;
  return decision;
}

}  // namespace

double area_under_roc(const Binary& predictions) {
  double pairs = 0.0, yes_before = 0.0, no_before = 0.0;
  each_run(predictions, by_probability(predictions), {},
           [&](double /*probability*/, double yes, double no) {
             pairs += no * (yes_before + 0.5 * yes);
             yes_before += yes;
             no_before += no;
           });
  return yes_before > 0.0 && no_before > 0.0 ? pairs / (yes_before * no_before) : 0.5;
}

double average_precision(const Binary& predictions) {
  return average_precision(predictions, by_probability(predictions), {});
}

double log_loss(const Binary& predictions) {
  double sum = 0.0;
  for (std::size_t i = 0; i < predictions.probabilities.size(); ++i) {
    const double p = std::clamp(predictions.probabilities[i], 1e-15, 1.0 - 1e-15);
    sum -= std::log(predictions.happened[i] ? p : 1.0 - p);
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, predictions.probabilities.size()));
}

Decision decide(const Binary& predictions, double threshold) {
  double hits = 0.0, said = 0.0, happened = 0.0;
  for (std::size_t i = 0; i < predictions.probabilities.size(); ++i) {
    const bool says = predictions.probabilities[i] >= threshold;
    said += says ? 1.0 : 0.0;
    happened += predictions.happened[i] ? 1.0 : 0.0;
    hits += says && predictions.happened[i] ? 1.0 : 0.0;
  }
  return decision_of(threshold, hits, said, happened);
}

Decision best_decision(const Binary& predictions) {
  const auto happened = static_cast<double>(std::ranges::count(predictions.happened, true));
  Decision best{.threshold = 1.0};
  double hits = 0.0, said = 0.0;
  each_run(predictions, by_probability(predictions), {},
           [&](double probability, double yes, double no) {
             hits += yes;
             said += yes + no;
             const Decision own = decision_of(probability, hits, said, happened);
             if (own.f1 > best.f1) best = own;
           });
  return best;
}

double threshold_for_precision(const Binary& predictions, double precision) {
  std::vector<std::size_t> order(predictions.probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater<>(),
                    [&](std::size_t i) { return predictions.probabilities[i]; });
  double least = 0.5, best = 0.5, best_precision = -1.0, hits = 0.0;
  bool is_found = false;
  for (std::size_t at = 0; at < order.size(); ++at) {
    hits += predictions.happened[order[at]] ? 1.0 : 0.0;
    const double threshold = predictions.probabilities[order[at]];
    // Equal probabilities are on one side of a threshold.
    if (at + 1 < order.size() && predictions.probabilities[order[at + 1]] == threshold) continue;
    const double own = hits / static_cast<double>(at + 1);
    if (own >= precision) {
      least = threshold;
      is_found = true;
    }
    if (own > best_precision) {
      best = threshold;
      best_precision = own;
    }
  }
  return is_found ? least : best;
}

double fit_temperature(std::span<const double> logits, const std::vector<bool>& happened) {
  const auto derivative = [&](double factor) {
    double sum = 0.0;
    for (std::size_t i = 0; i < logits.size(); ++i)
      sum += logits[i] * (1.0 / (1.0 + std::exp(-factor * logits[i])) - (happened[i] ? 1.0 : 0.0));
    return sum;
  };
  return least_loss_temperature(derivative);
}

Estimate compare_average_precision(const Binary& one, const Binary& other, std::uint64_t seed) {
  if (one.probabilities.size() != other.probabilities.size())
    throw DataError("expected the same cases to compare");
  const std::vector<std::size_t> one_order = by_probability(one),
                                 other_order = by_probability(other);
  const auto difference = [&](std::span<const double> times) {
    return average_precision(one, one_order, times) - average_precision(other, other_order, times);
  };
  constexpr std::size_t samples = 1000;
  Random random(seed, 0);
  std::vector<double> differences, times;
  const auto count = static_cast<Index>(one.probabilities.size());
  for (std::size_t sample = 0; sample < samples && count > 0; ++sample) {
    times.assign(one.probabilities.size(), 0.0);
    for (Index i = 0; i < count; ++i) times[static_cast<std::size_t>(random.below(count))] += 1.0;
    differences.push_back(difference(times));
  }
  if (differences.empty()) return {};
  std::ranges::sort(differences);
  return {difference({}), differences[samples / 40], differences[samples - 1 - samples / 40]};
}

}  // namespace tapegrad::apps
