#include <tapegrad/apps/training/fit_interactions.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/fit_network.h>
#include <tapegrad/apps/training/open_options.h>
#include <tapegrad/apps/training/validation.h>

namespace tapegrad::apps {
namespace {

int fit_by_epochs(StoredModel& model, const Split& split, const ModelInputs& inputs,
                  const FitOptions& options, Progress& progress) {
  const ModelRow& row = model_row(model.name);
  return choose_and_refit(
      options.loop, true,
      [&](const LoopOptions& loop) {
        const Split validation = validation_of(split, options);
        LoopResult result;
        fit_network(row, model.settings, inputs_of(validation, options), loop, progress, nullptr,
                    Judge(validation, options), &result);
        return result;
      },
      [&](const LoopOptions& loop) {
        model.fitted = fit_network(row, model.settings, inputs, loop, progress);
      });
}

// All settings that the values of the grids of "auto" options make.
std::vector<ModelSettings> candidates(const ModelRow& row, const ModelSettings& settings) {
  std::vector<ModelSettings> all{settings};
  for (const OptionDefault* known : open_options(row, settings)) {
    std::vector<ModelSettings> more;
    for (const ModelSettings& one : all) {
      for (const std::string_view value : known->grid) {
        more.push_back(one);
        more.back().set(*known->option, std::string(value));
      }
    }
    all = std::move(more);
  }
  return all;
}

ModelSettings choose(const ModelRow& row, const ModelSettings& open, const Split& split,
                     const FitOptions& options, Progress& progress) {
  const std::vector<ModelSettings> all = candidates(row, open);
  if (all.size() == 1) return all.front();
  const Split validation = validation_of(split, options);
  const ModelInputs inputs = inputs_of(validation, options);
  const Judge judge(validation, options);
  std::size_t best = 0;
  std::optional<Judgement> best_judgement;
  for (std::size_t i = 0; i < all.size(); ++i) {
    progress.begin(fmt::format("choosing {} of {}", i + 1, all.size()));
    const auto fitted = row.fit(all[i], inputs, shown_on(progress));
    const Judgement judgement = judge(*fitted);
    progress.end(
        fmt::format("{}, validation {}", text_of(open_options(row, open), all[i]), judgement.text));
    if (best_judgement && !is_better(judgement, *best_judgement)) continue;
    best = i;
    best_judgement = judgement;
  }
  return all[best];
}

void fit_at_once(StoredModel& model, const Split& split, const ModelInputs& inputs,
                 const FitOptions& options, Progress& progress) {
  const ModelRow& row = model_row(model.name);
  const ModelSettings open = model.settings;
  model.settings = choose(row, open, split, options, progress);
  progress.begin(model.name);
  model.fitted = row.fit(model.settings, inputs, shown_on(progress));
  const std::string chosen = text_of(open_options(row, open), model.settings);
  progress.end(fmt::format("{}{}{} items", chosen, chosen.empty() ? "" : ", ", inputs.items()));
}

// What the model is fitted to besides pairs.
std::shared_ptr<const Interactions> fitted_events(const Interactions& training,
                                                  const ModelSettings& settings) {
  auto events = std::make_shared<Interactions>();
  events->users = training.users;
  events->items = training.items;
  if (has_squared_loss(settings)) {
    events->ratings = training.ratings;
  } else {
    events->times = training.times;
    events->weights = training.weights;
    events->weighed_at = training.weighed_at;
  }
  events->user_ids = training.user_ids;
  events->item_ids = training.item_ids;
  return events;
}

}  // namespace

bool predicts_ratings(const FitOptions& options) { return has_squared_loss(options.settings); }

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
  model.weighed_at = split.training.weighed_at;
  if (is_fitted_to_events(model.settings))
    model.events = fitted_events(split.training, model.settings);
  model.protocol = split.protocol;
  model.repeats = split.repeats;
  model.fingerprint = split.fingerprint;
  FitResult result;
  if (model_row(model.name).is_neural())
    result.epochs = fit_by_epochs(model, split, inputs, options, progress);
  else
    fit_at_once(model, split, inputs, options, progress);
  model.loop = options.loop;
  model.loop.epochs = result.epochs;
  result.settings = model.settings;
  return result;
}

}  // namespace tapegrad::apps
