#include <tapegrad/apps/training/baselines.h>

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/memory_need.h>

namespace tapegrad::apps {
namespace {

FitOptions options_of(const ModelRow& row, const FitOptions& network) {
  FitOptions options = network;
  options.settings = default_settings(row);
  if (row.features == FeatureUse::none) options.user_features = options.item_features = nullptr;
  return options;
}

}  // namespace

std::vector<std::string> suitable_baselines(const Split& split, bool has_item_features,
                                            std::vector<std::string>& left_out) {
  const bool new_items = split.protocol.starts_with("cold-items");
  const bool new_users = split.protocol.starts_with("cold-users");
  std::vector<std::string> names;
  for (const ModelRow& row : model_rows()) {
    const BaselineUse& use = row.baseline;
    if (!(new_items ? use.for_new_items : new_users ? use.for_new_users : use.for_known)) continue;
    if (row.features == FeatureUse::always && !has_item_features) continue;
    const Index items = split.training.item_ids.size();
    if (use.most_items > 0 && items > use.most_items) {
      left_out.push_back(fmt::format(
          "{} is left out of the baselines, since choosing its options for {} items takes long: "
          "--baselines names it all the same",
          row.name, items));
      continue;
    }
    names.emplace_back(row.name);
  }
  return names;
}

std::vector<Baseline> fit_baselines(const std::vector<std::string>& names, const Split& split,
                                    const FitOptions& options, double available_memory,
                                    Progress& progress) {
  std::vector<Baseline> baselines;
  for (const std::string& name : names) {
    const ModelRow& row = model_row(name);
    const FitOptions own = options_of(row, options);
    StoredModel model;
    model.name = name;
    const auto leave_out = [&](const std::exception& error) {
      progress.warn(fmt::format("{} is left out of the baselines: {}", name, error.what()));
    };
    FitResult fitted;
    try {
      require_memory(row, own.settings,
                     shape_of(split, own.user_features.get(), own.item_features.get()), {},
                     available_memory);
      fitted = fit_interactions(model, split, own, progress);
    } catch (const DataError& error) {
      leave_out(error);
      continue;
    } catch (const OptionError& error) {
      leave_out(error);
      continue;
    }
    baselines.push_back(
        {fitted.settings, test_model(model, split, options.k, 0, options.loop.threads)});
  }
  return baselines;
}

const Baseline* best_of(const std::vector<Baseline>& baselines) {
  const auto best = std::ranges::max_element(
      baselines, {}, [](const Baseline& one) { return one.tested.result.metrics.ndcg; });
  return best == baselines.end() ? nullptr : &*best;
}

}  // namespace tapegrad::apps
