#include <tapegrad/apps/training/validation.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/validation_split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/rating_errors.h>
#include <tapegrad/apps/models/known_recommender.h>

namespace tapegrad::apps {

ModelInputs inputs_of(const Split& split, const FitOptions& options) {
  const bool has_types = !split.training.targets.empty();
  return {.pairs = split.pairs,
          .targets = has_types
                         ? std::make_shared<const UserItems>(UserItems::of_targets(split.training))
                         : split.pairs,
          .user_features = options.user_features,
          .item_features = options.item_features,
          .events = &split.training,
          .seed = options.loop.seed,
          .threads = options.loop.threads};
}

Split validation_of(const Split& split, const FitOptions& options) {
  return validation_split(split, {.negatives = options.validation_negatives,
                                  .tenth_of_events = predicts_ratings(options),
                                  .max_users = options.validation_users,
                                  .seed = options.loop.seed});
}

Judge::Judge(const Split& validation, const FitOptions& options)
    : validation_(validation), options_(options), not_competing_(validation.not_competing()) {}

Judgement Judge::operator()(const FittedModel& model) const {
  if (const auto ratings = model.ratings()) {
    const RatingErrors errors = rating_errors(*ratings, validation_.tested, options_.loop.threads);
    return {.value = -errors.rmse, .text = fmt::format("RMSE {:.4f}", errors.rmse)};
  }
  const KnownRecommender recommender(model.recommender(), validation_.pairs, options_.user_features,
                                     options_.item_features.get());
  const RankingMetrics metrics = evaluate_ranking(recommender, validation_.cases, *not_competing_,
                                                  options_.k, options_.loop.threads);
  return {.value = options_.by_ndcg ? metrics.ndcg : metrics.hit_rate,
          .among_equals = options_.by_ndcg ? metrics.hit_rate : metrics.ndcg,
          .text = fmt::format("HR@{} {:.4f} NDCG@{} {:.4f}", metrics.k, metrics.hit_rate, metrics.k,
                              metrics.ndcg)};
}

}  // namespace tapegrad::apps
