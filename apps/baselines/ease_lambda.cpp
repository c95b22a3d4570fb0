#include <tapegrad/apps/baselines/ease_lambda.h>
#include <tapegrad/apps/data/errors.h>
#include <algorithm>
#include <tuple>

namespace tapegrad::apps {

EaseChoice choose_ease_lambda(const Split& validation, std::span<const double> lambdas, int k,
                              const EaseOptions& options,
                              const std::function<void(const EaseTrial&)>& tried) {
  if (lambdas.empty())
    throw OptionError("ease: expected at least one lambda to choose from, got none");
  const UserItems training(validation.training);
  EaseChoice choice;
  for (const double lambda : lambdas) {
    EaseOptions trial_options = options;
    trial_options.lambda = lambda;
    const EaseRecommender ease(training, trial_options);
    choice.trials.push_back(
        {lambda, evaluate_ranking(ease, validation.cases, training, k, options.threads)});
    if (tried) tried(choice.trials.back());
  }
  const auto best = std::max_element(choice.trials.begin(), choice.trials.end(),
                                     [](const EaseTrial& a, const EaseTrial& b) {
                                       return std::tie(a.metrics.hit_rate, a.metrics.ndcg) <
                                              std::tie(b.metrics.hit_rate, b.metrics.ndcg);
                                     });
  choice.lambda = best->lambda;
  return choice;
}

}  // namespace tapegrad::apps
