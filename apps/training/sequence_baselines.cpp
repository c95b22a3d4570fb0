#include <tapegrad/apps/training/sequence_baselines.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

std::vector<std::string> suitable_baselines(const SequenceSplit& split) {
  std::vector<std::string> names;
  for (const SequenceRow& row : sequence_rows()) {
    if (row.is_neural()) continue;
    if (split.histories && !row.is_baseline_of_histories) continue;
    if (row.needs_times && split.training.times.empty()) continue;
    names.emplace_back(row.name);
  }
  return names;
}

std::vector<SequenceBaseline> fit_sequence_baselines(const std::vector<std::string>& names,
                                                     const SequenceSplit& split,
                                                     const SequenceFitOptions& options,
                                                     Progress& progress) {
  std::vector<SequenceBaseline> baselines;
  for (const std::string& name : names) {
    SequenceFitOptions own = options;
    own.settings = default_settings(sequence_row(name));
    StoredSequenceModel model;
    model.name = name;
    try {
      fit_sequence(model, split, own, progress);
    } catch (const DataError& error) {
      progress.warn(fmt::format("{} is left out of the baselines: {}", name, error.what()));
      continue;
    }
    baselines.push_back({name, model.settings,
                         rank_next_items(*make_predictor(model), split.cases,
                                         split.training.items.size(), options.loop.threads)});
  }
  return baselines;
}

const SequenceBaseline* best_of(const std::vector<SequenceBaseline>& baselines, Measure measure,
                                int k) {
  const auto value = [&](const SequenceBaseline& one) {
    const NextItemMetrics metrics = metrics_of(one.ranked, k);
    return measure == Measure::recall ? metrics.recall : metrics.ndcg;
  };
  const auto best = std::ranges::max_element(baselines, {}, value);
  return best == baselines.end() ? nullptr : &*best;
}

}  // namespace tapegrad::apps
