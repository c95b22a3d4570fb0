#include <tapegrad/apps/business/off_policy.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/calibration.h>

namespace tapegrad::apps {
namespace {

// The 97.5 % quantile of Student's t: the first terms of its expansion around the normal one's.
double t_quantile(double degrees) {
  constexpr double z = 1.959963984540054;
  return z + (z * z * z + z) / (4.0 * degrees) +
         (5.0 * std::pow(z, 5.0) + 16.0 * z * z * z + 3.0 * z) / (96.0 * degrees * degrees);
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

// Mean rewards by item and position, from the impressions that are not of one fold.
class RewardModel {
 public:
  RewardModel(const Impressions& log, std::span<const double> rewards, std::size_t fold,
              std::size_t folds)
      : sums_(static_cast<std::size_t>(log.item_ids.size()), 0.0), counts_(sums_.size(), 0.0) {
    double sum = 0.0, count = 0.0;
    for (std::size_t i = 0; i < rewards.size(); ++i) {
      if (i % folds == fold) continue;
      const auto item = static_cast<std::size_t>(log.items[i]);
      auto& [own_sum, own_count] = positions_[log.positions[i]];
      own_sum += rewards[i];
      own_count += 1.0;
      sums_[item] += rewards[i];
      counts_[item] += 1.0;
      sum += rewards[i];
      count += 1.0;
    }
    mean_ = count > 0.0 ? sum / count : 0.0;
  }

  double operator()(std::int32_t item, std::int32_t position) const {
    constexpr double prior = 10.0;  // impressions
    const auto at = static_cast<std::size_t>(item);
    const double own = (sums_[at] + prior * mean_) / (counts_[at] + prior);
    const auto found = positions_.find(position);
    if (found == positions_.end() || mean_ <= 0.0) return own;
    const auto& [sum, count] = found->second;
    return own * (sum + prior * mean_) / (count + prior) / mean_;
  }

 private:
  std::vector<double> sums_, counts_;
  std::map<std::int32_t, std::pair<double, double>> positions_;
  double mean_ = 0.0;
};

std::vector<double> weights_of(const Impressions& log, const Policy& policy) {
  if (log.propensities.empty())
    throw DataError(
        "another policy needs the probabilities that items were shown: a column with the role "
        "propensity");
  std::vector<double> weights;
  for (Index i = 0; i < log.size(); ++i)
    weights.push_back(policy.of_shown(log, i) / log.propensities[static_cast<std::size_t>(i)]);
  return weights;
}

}  // namespace

Estimate mean_reward(std::span<const double> rewards) {
  const double mean = mean_of(rewards);
  const auto count = static_cast<double>(std::max<std::size_t>(2, rewards.size()));
  double second = 0.0, third = 0.0, fourth = 0.0;
  for (const double reward : rewards) {
    const double deviation = reward - mean, square = deviation * deviation;
    second += square;
    third += square * deviation;
    fourth += square * square;
  }
  const double variance = second / (count - 1.0);
  if (!(variance > 0.0)) return {mean, mean, mean};
  const double kurtosis = fourth / count / (second / count * (second / count));
  const double degrees = std::max(4.0, 2.0 * count / std::max(1.0, kurtosis - 1.0));
  const double half = t_quantile(degrees) * std::sqrt(variance / count);
  const double shift = third / count / (6.0 * variance * count);
  const double low = mean + shift - half;
  // Rewards are not negative; an estimate may be, by chance.
  return {mean, mean < 0.0 ? low : std::max(0.0, low), mean + shift + half};
}

OffPolicy estimate_policy(const Impressions& log, const Policy& policy,
                          std::span<const double> rewards) {
  constexpr std::size_t folds = 5;
  const std::vector<double> weights = weights_of(log, policy);
  std::vector<RewardModel> models;
  for (std::size_t fold = 0; fold < folds; ++fold) models.emplace_back(log, rewards, fold, folds);
  std::vector<double> direct, inverse, robust, predicted;
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    const RewardModel& model = models[i % folds];
    double expected = 0.0;
    for (const Policy::Choice& choice : policy.at(static_cast<Index>(i)))
      expected += choice.probability * model(choice.item, log.positions[i]);
    direct.push_back(expected);
    inverse.push_back(weights[i] * rewards[i]);
    predicted.push_back(model(log.items[i], log.positions[i]));
    robust.push_back(expected + weights[i] * (rewards[i] - predicted.back()));
  }
  const double weight = mean_of(weights);
  const double normalised = weight > 0.0 ? mean_of(inverse) / weight : 0.0;
  std::vector<double> residuals;
  for (std::size_t i = 0; i < rewards.size(); ++i)
    residuals.push_back(normalised +
                        weights[i] * (rewards[i] - normalised) / (weight > 0.0 ? weight : 1.0));
  const Estimate spread = mean_reward(residuals);
  return {.direct = mean_reward(direct),
          .inverse_propensity = mean_reward(inverse),
          .self_normalised = {normalised, spread.low, spread.high},
          .doubly_robust = mean_reward(robust),
          .calibration_error = expected_calibration_error(calibration_bins(predicted, rewards))};
}

Overlap overlap_of(const Impressions& log, const Policy& policy, std::span<const double> rewards) {
  const std::vector<double> weights = weights_of(log, policy);
  double sum = 0.0, squares = 0.0, reward_sum = 0.0, reward_squares = 0.0;
  Overlap overlap;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    squares += weights[i] * weights[i];
    reward_sum += weights[i] * rewards[i];
    reward_squares += weights[i] * rewards[i] * weights[i] * rewards[i];
    overlap.greatest_weight = std::max(overlap.greatest_weight, weights[i]);
  }
  overlap.effective_sample_size = squares > 0.0 ? sum * sum / squares : 0.0;
  overlap.effective_rewards = reward_squares > 0.0 ? reward_sum * reward_sum / reward_squares : 0.0;
  overlap.mean_weight = sum / static_cast<double>(std::max<std::size_t>(1, weights.size()));
  return overlap;
}

std::string warning_of(const Overlap& overlap, Index impressions) {
  constexpr double least_part = 0.1, least_rewards = 30.0;
  if (overlap.effective_sample_size < least_part * static_cast<double>(impressions))
    return fmt::format(
        "the log tells little of this policy: its {} impressions are worth {:.0f} of the policy's "
        "own, for what the policy shows was rarely shown",
        impressions, overlap.effective_sample_size);
  if (overlap.effective_rewards < least_rewards)
    return fmt::format(
        "the log tells little of this policy: the estimate rests on what {:.1f} rewards are worth",
        overlap.effective_rewards);
  return "";
}

}  // namespace tapegrad::apps
