#include <tapegrad/apps/training/fit.h>

#include <fmt/format.h>

#include <tapegrad/apps/baselines/ease_lambda.h>
#include <tapegrad/apps/data/validation_split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/models/model_recommender.h>

namespace tapegrad::apps {
namespace {

Split validation_of(const Split& split, const FitOptions& options) {
  return validation_split(
      split.training,
      {.negatives = options.validation_negatives, .max_users = options.validation_users, .seed = options.training.seed});
}

bool better(const RankingMetrics& left, const RankingMetrics& right) {
  return left.hit_rate > right.hit_rate || (left.hit_rate == right.hit_rate && left.ndcg > right.ndcg);
}

// The number of epochs after which the validation cases are ranked best.
int choose_epochs(const Split& split, const FitOptions& options, Progress& progress) {
  const Split validation = validation_of(split, options);
  const UserItems pairs(validation.training);
  Parameters parameters(options.training.seed);
  const auto model = make_model(options.settings, parameters.root(), pairs.user_count(), pairs.item_count());
  const auto trainer = make_trainer(*model, parameters, pairs, options.training);
  RankingMetrics best;
  int chosen = 1;
  for (int epoch = 0; epoch < options.max_epochs && epoch < chosen + options.patience; ++epoch) {
    progress.begin(fmt::format("choosing, epoch {}", epoch + 1));
    const double loss =
        trainer->run(epoch, options.max_epochs, [&](Index done, Index all, double mean) { progress.update(done, all, mean); });
    const ModelRecommender recommender(*model, parameters, pairs.item_count());
    const RankingMetrics metrics = evaluate_ranking(recommender, validation.cases, pairs, options.k, options.training.threads);
    progress.end(fmt::format("loss {:.4f}, validation HR@{} {:.4f} NDCG@{} {:.4f}", loss, options.k, metrics.hit_rate, options.k,
                             metrics.ndcg));
    if (epoch == 0 || better(metrics, best)) {
      best = metrics;
      chosen = epoch + 1;
    }
  }
  return chosen;
}

double choose_lambda(const Split& split, const FitOptions& options, Progress& progress) {
  progress.begin("choosing lambda");
  const EaseChoice choice =
      choose_ease_lambda(validation_of(split, options), kEaseLambdas, options.k, {.threads = options.training.threads});
  for (const EaseTrial& trial : choice.trials) {
    progress.end(fmt::format("lambda {}, validation HR@{} {:.4f} NDCG@{} {:.4f}", trial.lambda, options.k, trial.metrics.hit_rate,
                             options.k, trial.metrics.ndcg));
  }
  return choice.lambda;
}

}  // namespace

FitResult fit(StoredModel& model, const Split& split, const FitOptions& options, Progress& progress) {
  model.name = options.settings.name;
  model.seed = options.training.seed;
  model.users = split.training.user_ids;
  model.items = split.training.item_ids;
  model.seen = UserItems(split.training);
  model.protocol = split.protocol;
  model.fingerprint = split.fingerprint;
  FitResult result;
  if (model.name == "popularity") return result;
  if (model.name == "ease") {
    result.lambda = model.lambda = options.lambda > 0.0 ? options.lambda : choose_lambda(split, options, progress);
    return result;
  }
  result.epochs = options.epochs > 0 ? options.epochs : choose_epochs(split, options, progress);
  model.settings = options.settings;
  model.parameters = std::make_unique<Parameters>(options.training.seed);
  model.model = make_model(options.settings, model.parameters->root(), model.seen.user_count(), model.seen.item_count());
  const auto trainer = make_trainer(*model.model, *model.parameters, model.seen, options.training);
  for (int epoch = 0; epoch < result.epochs; ++epoch) {
    progress.begin(fmt::format("epoch {} of {}", epoch + 1, result.epochs));
    const double loss =
        trainer->run(epoch, result.epochs, [&](Index done, Index all, double mean) { progress.update(done, all, mean); });
    progress.end(fmt::format("loss {:.4f}", loss));
  }
  return result;
}

}  // namespace tapegrad::apps
