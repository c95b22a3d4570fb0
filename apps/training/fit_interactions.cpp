#include <tapegrad/apps/training/fit_interactions.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/validation_split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/rating_errors.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/pair_sources.h>
#include <tapegrad/apps/training/rating_source.h>

namespace tapegrad::apps {
namespace {

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

RankingMetrics judge(std::unique_ptr<const Recommender> learnt, const Split& validation,
                     const UserItems& not_competing, const FitOptions& options) {
  const KnownRecommender recommender(std::move(learnt), validation.pairs, options.user_features,
                                     options.item_features.get());
  return evaluate_ranking(recommender, validation.cases, not_competing, options.k,
                          options.loop.threads);
}

std::string text_of(const RankingMetrics& metrics) {
  return fmt::format("HR@{} {:.4f} NDCG@{} {:.4f}", metrics.k, metrics.hit_rate, metrics.k,
                     metrics.ndcg);
}

// Trains a new model; with a validation, its weights are those that rank its cases best.
LoopResult train_on(StoredModel& model, const ModelInputs& inputs, const FitOptions& options,
                    const LoopOptions& loop, const Split* validation, Progress& progress) {
  const ModelRow& row = model_row(model.name);
  auto parameters = std::make_unique<Parameters>(loop.seed);
  auto network = row.make(model.settings, parameters->root(), inputs);
  auto trained =
      std::make_unique<NeuralModel>(std::move(parameters), std::move(network), inputs.items());
  const UserItems& pairs = row.predicts_targets ? *inputs.targets : *inputs.pairs;
  const PairSourceOptions how = pair_options(model.settings, pairs, loop.seed);
  const std::unique_ptr<BatchSource> source =
      how.loss == PairLoss::squared
          ? std::make_unique<RatingSource>(trained->model(), *inputs.events, how)
          : make_pair_source(trained->model(), pairs, how);
  std::function<Judgement()> judge_now;
  std::shared_ptr<const UserItems> not_competing;
  if (validation != nullptr) {
    not_competing = validation->not_competing();
    judge_now = [&]() -> Judgement {
      if (const auto ratings = trained->ratings()) {
        const RatingErrors errors = rating_errors(*ratings, validation->tested, loop.threads);
        return {.value = -errors.rmse, .text = fmt::format("RMSE {:.4f}", errors.rmse)};
      }
      const RankingMetrics metrics =
          judge(trained->recommender(), *validation, *not_competing, options);
      return {.value = metrics.hit_rate, .among_equals = metrics.ndcg, .text = text_of(metrics)};
    };
  }
  const LoopResult result = train(trained->parameters(), *source, loop, judge_now, progress);
  model.fitted = std::move(trained);
  return result;
}

int fit_network(StoredModel& model, const Split& split, const ModelInputs& inputs,
                const FitOptions& options, Progress& progress) {
  return choose_and_refit(
      options.loop, true,
      [&](const LoopOptions& loop) {
        const Split validation = validation_of(split, options);
        return train_on(model, inputs_of(validation, options), options, loop, &validation,
                        progress);
      },
      [&](const LoopOptions& loop) { train_on(model, inputs, options, loop, nullptr, progress); });
}

// All settings that the values of the grids of "auto" options make.
std::vector<ModelSettings> candidates(const ModelRow& row, const ModelSettings& settings) {
  std::vector<ModelSettings> all{settings};
  for (const OptionDefault& known : row.options) {
    if (known.grid.empty() || !settings.is_auto(*known.option)) continue;
    std::vector<ModelSettings> more;
    for (const ModelSettings& one : all) {
      for (const std::string_view value : known.grid) {
        more.push_back(one);
        more.back().set(*known.option, std::string(value));
      }
    }
    all = std::move(more);
  }
  return all;
}

// The options that were open, with their values.
std::string chosen_text(const ModelRow& row, const ModelSettings& open,
                        const ModelSettings& chosen) {
  std::vector<std::string> parts;
  for (const OptionDefault& known : row.options) {
    if (!known.grid.empty() && open.is_auto(*known.option))
      parts.push_back(fmt::format("{} {}", known.option->name, chosen.text(*known.option)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

FitProgress shown_on(Progress& progress) {
  return [&progress](const std::string& part, Index done, Index all) {
    progress.update_part(part, done, all);
  };
}

ModelSettings choose(const ModelRow& row, const ModelSettings& open, const Split& split,
                     const FitOptions& options, Progress& progress) {
  const std::vector<ModelSettings> all = candidates(row, open);
  if (all.size() == 1) return all.front();
  const Split validation = validation_of(split, options);
  const ModelInputs inputs = inputs_of(validation, options);
  const auto not_competing = validation.not_competing();
  std::optional<std::size_t> best;
  RankingMetrics best_metrics;
  for (std::size_t i = 0; i < all.size(); ++i) {
    progress.begin(fmt::format("choosing {} of {}", i + 1, all.size()));
    const auto fitted = row.fit(all[i], inputs, shown_on(progress));
    const RankingMetrics metrics =
        judge(fitted->recommender(), validation, *not_competing, options);
    progress.end(
        fmt::format("{}, validation {}", chosen_text(row, open, all[i]), text_of(metrics)));
    if (best && std::tie(metrics.hit_rate, metrics.ndcg) <=
                    std::tie(best_metrics.hit_rate, best_metrics.ndcg))
      continue;
    best = i;
    best_metrics = metrics;
  }
  return all[*best];
}

void fit_at_once(StoredModel& model, const Split& split, const ModelInputs& inputs,
                 const FitOptions& options, Progress& progress) {
  const ModelRow& row = model_row(model.name);
  const ModelSettings open = model.settings;
  model.settings = choose(row, open, split, options, progress);
  progress.begin(model.name);
  model.fitted = row.fit(model.settings, inputs, shown_on(progress));
  const std::string chosen = chosen_text(row, open, model.settings);
  progress.end(fmt::format("{}{}{} items", chosen, chosen.empty() ? "" : ", ", inputs.items()));
}

}  // namespace

PairSourceOptions pair_options(const ModelSettings& settings, const UserItems& pairs,
                               std::uint64_t seed) {
  namespace names = model_options;
  constexpr double many_negatives = 1024.0;
  const std::string loss = settings.has(names::loss) ? settings.text(names::loss) : "pointwise";
  PairSourceOptions options{.seed = seed};
  const double whole =
      static_cast<double>(pairs.user_count()) * static_cast<double>(pairs.item_count());
  const double sampled = many_negatives * static_cast<double>(pairs.size());
  if (loss == "pointwise")
    options.loss = PairLoss::pointwise;
  else if (loss == "sigmoid")
    options.loss = PairLoss::sigmoid;
  else if (loss == "squared")
    options.loss = PairLoss::squared;
  else if (loss == "sampled-softmax" || (loss == "auto" && whole > 4.0 * sampled))
    options.loss = PairLoss::sampled_softmax;
  else
    options.loss = PairLoss::softmax;
  const bool is_sampled = options.loss == PairLoss::sampled_softmax;
  const Index standard_batch = options.loss == PairLoss::pointwise ? 1280
                               : is_sampled || loss == "squared"   ? 1024
                                                                   : 0;
  options.batch = settings.is_auto(names::batch) ? standard_batch : settings.whole(names::batch);
  options.negatives = !settings.is_auto(names::negatives) ? settings.whole(names::negatives)
                      : is_sampled                        ? 1024
                                                          : 4;
  return options;
}

bool predicts_ratings(const FitOptions& options) {
  return options.settings.has(model_options::loss) &&
         options.settings.text(model_options::loss) == "squared";
}

std::string name_of(PairLoss loss) {
  switch (loss) {
    case PairLoss::pointwise:
      return "pointwise";
    case PairLoss::softmax:
      return "softmax";
    case PairLoss::sampled_softmax:
      return "sampled-softmax";
    case PairLoss::sigmoid:
      return "sigmoid";
    case PairLoss::squared:
      return "squared";
  }
  return "";
}

std::string describe(const PairSourceOptions& options, const UserItems& pairs) {
  switch (options.loss) {
    case PairLoss::pointwise:
      return fmt::format("each pair against {} sampled items, {} pairs a batch", options.negatives,
                         options.batch);
    case PairLoss::sampled_softmax:
      return fmt::format("softmax over {} sampled of {} items, {} pairs a batch", options.negatives,
                         pairs.item_count(), options.batch);
    case PairLoss::softmax:
      return fmt::format("softmax over all {} items", pairs.item_count());
    case PairLoss::squared:
      return fmt::format("the squared error of ratings, {} a batch", options.batch);
    case PairLoss::sigmoid:
      return fmt::format("a sigmoid for each of {} items", pairs.item_count());
  }
  return "";
}

FitResult fit_interactions(StoredModel& model, const Split& split, const FitOptions& options,
                           Progress& progress) {
  const ModelInputs inputs = inputs_of(split, options);
  model.settings = options.settings;
  if (model.settings.has(model_options::loss) && model.settings.is_auto(model_options::loss))
    model.settings.set(model_options::loss,
                       name_of(pair_options(options.settings, *inputs.pairs, 0).loss));
  model.seed = options.loop.seed;
  model.users = split.training.user_ids;
  model.items = split.training.item_ids;
  model.seen = inputs.pairs;
  model.targets = inputs.targets;
  model.user_features = options.user_features;
  model.item_features = options.item_features;
  model.had = split.had;
  model.protocol = split.protocol;
  model.repeats = split.repeats;
  model.fingerprint = split.fingerprint;
  FitResult result;
  if (model_row(model.name).is_neural())
    result.epochs = fit_network(model, split, inputs, options, progress);
  else
    fit_at_once(model, split, inputs, options, progress);
  result.settings = model.settings;
  return result;
}

}  // namespace tapegrad::apps
