#include <tapegrad/apps/training/fit_interactions.h>

#include <fmt/format.h>

#include <tapegrad/apps/baselines/ease_lambda.h>
#include <tapegrad/apps/data/validation_split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/model_recommender.h>
#include <tapegrad/apps/training/choose_and_refit.h>

namespace tapegrad::apps {
namespace {

Split validation_of(const Split& split, const FitOptions& options) {
  return validation_split(split.training, {.negatives = options.validation_negatives,
                                           .max_users = options.validation_users,
                                           .seed = options.loop.seed});
}

// Trains a new model; with cases, its weights are those that rank them best.
LoopResult train_on(StoredModel& model, const UserItems& pairs, const FitOptions& options,
                    const LoopOptions& loop, const std::vector<RankingCase>* cases,
                    Progress& progress) {
  model.parameters = std::make_unique<Parameters>(loop.seed);
  model.model = make_model(options.settings, model.parameters->root(), pairs.user_count(),
                           pairs.item_count());
  const auto source = make_pair_source(*model.model, pairs, options.source);
  const auto judge = [&] {
    const KnownRecommender recommender(
        std::make_unique<ModelRecommender>(*model.model, *model.parameters, pairs.item_count()),
        pairs);
    const RankingMetrics metrics =
        evaluate_ranking(recommender, *cases, pairs, options.k, loop.threads);
    return Judgement{.value = metrics.hit_rate,
                     .among_equals = metrics.ndcg,
                     .text = fmt::format("HR@{} {:.4f} NDCG@{} {:.4f}", options.k, metrics.hit_rate,
                                         options.k, metrics.ndcg)};
  };
  return train(*model.parameters, *source, loop,
               cases != nullptr ? std::function<Judgement()>(judge) : nullptr, progress);
}

// A long closed form: says on a terminal what is done.
EaseOptions ease_options(double lambda, const FitOptions& options, Progress& progress) {
  EaseOptions ease{.lambda = lambda, .threads = options.loop.threads};
  ease.progress = [&progress](const std::string& part, Index done, Index all) {
    progress.update_part(part, done, all);
  };
  return ease;
}

double choose_lambda(const Split& split, const FitOptions& options, Progress& progress) {
  progress.begin("choosing lambda");
  const auto tell = [&](const EaseTrial& trial) {
    progress.end(fmt::format("lambda {}, validation HR@{} {:.4f} NDCG@{} {:.4f}", trial.lambda,
                             options.k, trial.metrics.hit_rate, options.k, trial.metrics.ndcg));
  };
  const EaseOptions ease = ease_options(ease_lambdas.front(), options, progress);
  return choose_ease_lambda(validation_of(split, options), ease_lambdas, options.k, ease, tell)
      .lambda;
}

void fit_ease(StoredModel& model, const Split& split, const FitOptions& options,
              Progress& progress) {
  model.lambda = options.lambda > 0.0 ? options.lambda : choose_lambda(split, options, progress);
  progress.begin("ease");
  model.ease = std::make_shared<const EaseRecommender>(
      model.seen, ease_options(model.lambda, options, progress));
  progress.end(fmt::format("lambda {}, {} items", model.lambda, model.items.size()));
}

}  // namespace

FitResult fit_interactions(StoredModel& model, const Split& split, const FitOptions& options,
                           Progress& progress) {
  model.name = options.settings.name;
  model.seed = options.loop.seed;
  model.users = split.training.user_ids;
  model.items = split.training.item_ids;
  model.seen = UserItems(split.training);
  model.had = split.had;
  model.protocol = split.protocol;
  model.fingerprint = split.fingerprint;
  FitResult result;
  if (model.name == "popularity") return result;
  if (model.name == "ease") {
    fit_ease(model, split, options, progress);
    result.lambda = model.lambda;
    return result;
  }
  model.settings = options.settings;
  result.epochs = choose_and_refit(
      options.loop, true,
      [&](const LoopOptions& loop) {
        const Split validation = validation_of(split, options);
        const UserItems pairs(validation.training);
        return train_on(model, pairs, options, loop, &validation.cases, progress);
      },
      [&](const LoopOptions& loop) {
        train_on(model, model.seen, options, loop, nullptr, progress);
      });
  return result;
}

}  // namespace tapegrad::apps
