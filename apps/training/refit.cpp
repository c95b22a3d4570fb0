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

void train_further(StoredModel& model, const StoredModel& before, int epochs, int threads,
                   Progress& progress) {
  const auto& old = dynamic_cast<const NeuralModel&>(*before.fitted).parameters();
  LoopOptions loop = before.loop;
  loop.epochs = epochs;
  loop.threads = threads;
  model.fitted =
      fit_network(model_row(model.name), model.settings, inputs_of(model, threads), loop, progress,
                  [&](Parameters& parameters) { copy_common(old, parameters); });
}

}  // namespace tapegrad::apps
