#include <tapegrad/apps/training/refit.h>

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/fit_network.h>

namespace tapegrad::apps {
namespace {

ModelInputs inputs_of(const StoredModel& model, int threads) {
  ModelInputs inputs = model.inputs();
  inputs.threads = threads;
  return inputs;
}

// Copies what two matrices (or lists) have in common: their first rows and columns.
void copy_common(const Array& from, Array& into) {
  const Shape& old_shape = from.shape();
  const Shape& new_shape = into.shape();
  const auto old_values = from.values<float>();
  const auto new_values = into.values<float>();
  const auto columns = [](const Shape& shape) {
    return shape.rank() < 2 ? std::size_t{1} : static_cast<std::size_t>(shape[1]);
  };
  const auto rows = static_cast<std::size_t>(std::min(old_shape[0], new_shape[0]));
  const std::size_t width = std::min(columns(old_shape), columns(new_shape));
  for (std::size_t row = 0; row < rows; ++row)
    std::ranges::copy(old_values.subspan(row * columns(old_shape), width),
                      new_values.subspan(row * columns(new_shape), width).begin());
}

}  // namespace

std::string why_not_refitted(const StoredModel& model) {
  namespace names = model_options;
  if (model.settings.has(names::window) && !model.settings.is_auto(names::window))
    return "its window needs the times of the events, which are not in its file";
  if (model.fitted->ratings())
    return "it predicts ratings, and those that it learnt from are not in its file";
  return "";
}

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
                  [&](Parameters& parameters) {
                    for (Parameter& parameter : parameters)
                      copy_common(old.at(parameter.name()).value(), parameter.mutable_value());
                  });
}

}  // namespace tapegrad::apps
