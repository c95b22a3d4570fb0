#include "batch_choice.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/stratified.h>

namespace tapegrad::apps {
namespace {

constexpr Index sizes[] = {16, 32, 64, 128, 256, 512};
constexpr Index most_examples = 10000;
constexpr int most_epochs = 20;

// Ends a trial; not an error.
struct IsOver {};

std::vector<Index> looked_at(const TrainingTask& task, std::span<const Index> some,
                             std::uint64_t seed) {
  std::vector<Index> kept(some.begin(), some.end());
  if (std::ssize(kept) <= most_examples) return kept;
  std::vector<Index> classes;
  for (const Index i : some)
    classes.push_back(task.examples().truth.front().of[static_cast<std::size_t>(i)]);
  const double fraction = static_cast<double>(most_examples) / static_cast<double>(some.size());
  kept.clear();
  for (const Index i : stratified_parts(classes, fraction, seed).second)
    kept.push_back(some[static_cast<std::size_t>(i)]);
  return kept;
}

// Trains until `budget` seconds are over, after an epoch or more; without a budget for one epoch.
TriedBatch try_batch(const TrainingTask& task, const std::string& name,
                     const ClassifierFitOptions& options, Index batch, double budget,
                     std::span<const Index> some, Progress& progress) {
  ModelSettings settings = options.settings;
  settings.set(classifier_options::batch, std::to_string(batch));
  ExampleFitOptions how = options.examples;
  how.loop.epochs = budget > 0.0 ? most_epochs : 1;
  how.loop.final_rate = 1.0;
  how.loop.curves.clear();
  how.loop.part = fmt::format("batch {}, ", batch);
  TriedBatch tried{.batch = batch};
  const auto start = std::chrono::steady_clock::now();
  how.judged = [&](const Judgement& judgement) {
    ++tried.epochs;
    tried.loss = -judgement.among_equals;
    tried.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (tried.seconds >= budget) throw IsOver();
  };
  try {
    task.fit(name, settings, how, some, progress);
  } catch (const IsOver&) {
  }
  tried.examples_per_second = static_cast<double>(some.size()) * tried.epochs /
                              std::max(tried.seconds, std::numeric_limits<double>::min());
  return tried;
}

}  // namespace

std::vector<TriedBatch> try_batches(const TrainingTask& task, const std::string& name,
                                    const ClassifierFitOptions& options,
                                    std::span<const Index> some, Progress& progress) {
  const std::vector<Index> kept = looked_at(task, some, options.examples.loop.seed);
  std::vector<TriedBatch> tried;
  for (const Index batch : sizes) {
    if (!tried.empty() && batch * 4 > std::ssize(kept)) break;
    tried.push_back(try_batch(task, name, options, batch,
                              tried.empty() ? 0.0 : tried.front().seconds, kept, progress));
  }
  return tried;
}

Index best_batch(std::span<const TriedBatch> tried) {
  return std::ranges::min_element(tried, {}, &TriedBatch::loss)->batch;
}

std::string batches_text(std::span<const TriedBatch> tried) {
  std::string text;
  for (const TriedBatch& one : tried)
    text += fmt::format(
        "batch {}: {:.0f} examples/s, loss {:.4f} on the validation part after {} {} in "
        "{:.1f} s\n",
        one.batch, one.examples_per_second, one.loss, one.epochs,
        one.epochs == 1 ? "epoch" : "epochs", one.seconds);
  return text + fmt::format("batch {} has the least loss for the same time\n", best_batch(tried));
}

nlohmann::json batches_json(std::span<const TriedBatch> tried) {
  nlohmann::json json = nlohmann::json::array();
  for (const TriedBatch& one : tried)
    json.push_back({{"batch", one.batch},
                    {"epochs", one.epochs},
                    {"seconds", one.seconds},
                    {"examples_per_second", one.examples_per_second},
                    {"loss", one.loss}});
  return json;
}

}  // namespace tapegrad::apps
