#include <tapegrad/apps/training/refit.h>

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/models/grown_network.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/fit_network.h>

namespace tapegrad::apps {
namespace {

ModelInputs inputs_of(const StoredModel& model, int threads) {
  ModelInputs inputs = model.inputs();
  inputs.threads = threads;
  return inputs;
}

}  // namespace

void refit(StoredModel& model, int threads, Progress& progress) {
  const ModelRow& row = model_row(model.name);
  const ModelInputs inputs = inputs_of(model, threads);
  if (row.is_neural()) {
    model.loop.threads = threads;
    model.fitted = fit_network(row, model.settings, inputs, model.loop, progress);
    return;
  }
  progress.begin(model.name);
  model.fitted = row.fit(model.settings, inputs, shown_on(progress));
  progress.end(fmt::format("{} items", inputs.items()));
}

void train_further(StoredModel& model, const StoredModel& before, int rounds, int threads,
                   Progress& progress) {
  const ModelRow& row = model_row(model.name);
  const ModelInputs inputs = inputs_of(model, threads);
  if (!row.is_neural()) {
    progress.begin(model.name);
    model.fitted =
        row.fit_further(model.settings, inputs, *before.fitted, rounds, shown_on(progress));
    progress.end(fmt::format("{} sweeps over {} items", rounds, inputs.items()));
    return;
  }
  const auto& old = dynamic_cast<const NeuralModel&>(*before.fitted).parameters();
  LoopOptions loop = before.loop;
  loop.epochs = rounds;
  loop.threads = threads;
  model.fitted =
      fit_network(row, model.settings, inputs, loop, progress, [&](NeuralModel& network) {
        copy_common(old, network.parameters());
        network.model().begin_new_users(network.parameters(), before.seen);
      });
}

}  // namespace tapegrad::apps
