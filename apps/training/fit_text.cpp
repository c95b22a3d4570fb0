#include <tapegrad/apps/training/fit_text.h>

#include <memory>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/training/fit_linear_model.h>

namespace tapegrad::apps {
namespace {

int fit_network(TextClassifier& model, const TextRow& row, std::span<const std::string> texts,
                std::span<const Labels> truth, std::span<const Index> some,
                const TextFitOptions& options, Progress& progress) {
  const auto make = [&](const Scope& scope, std::span<const Index> learnt_from) {
    model.encoder = TextEncoder(texts, learnt_from, encoder_options(row, model.settings));
    model.network = row.make(model.settings, scope, model.encoder.width(), model.width());
    const auto inputs = std::make_shared<const TextInputs>(model.encoder.encode(texts));
    ExampleNetwork network{.outputs =
                               [&model, inputs](Tape& tape, std::span<const Index> batch) {
                                 return model.network->logits(tape, *inputs, batch);
                               },
                           .lengths = inputs->lengths()};
    // What is hashed stands after the tokens, in no order of theirs.
    if (model.encoder.options().buckets == 0)
      network.weighted_outputs = [&model, inputs](Tape& tape, std::span<const Index> batch,
                                                  const Tensor& factors) {
        return model.network->logits(tape, *inputs, batch, factors);
      };
    return network;
  };
  return fit_examples(model, make, truth, some, options.examples, progress);
}

void fit_counts(TextClassifier& model, const TextRow& row, std::span<const std::string> texts,
                std::span<const Labels> truth, std::span<const Index> some,
                const TextFitOptions& options, Progress& progress) {
  const CountedText::Options counted = counted_options(model.name, model.settings);
  const ModelOption& option = counted.kind == LinearKind::naive_bayes
                                  ? classifier_options::smoothing
                                  : classifier_options::cost;
  const LinearModelFit how{.option = option,
                           .grid = find_option(row, option)->grid,
                           .learn =
                               [&](std::span<const Index> own) {
                                 model.counted.emplace(texts, own, counted);
                                 return model.counted->rows(texts);
                               },
                           .linear = [&]() -> LinearModel& { return model.counted->model(); }};
  fit_linear_model(model, how, truth, some, options.examples.precision, options.examples.loop.seed,
                   progress);
}

}  // namespace

std::string text_fingerprint(std::span<const std::string> texts, std::span<const Labels> truth,
                             std::span<const Index> some) {
  StableHash hash;
  for (const Index i : some) hash.add_text(texts[static_cast<std::size_t>(i)]);
  add_labels(hash, truth, some);
  return hexadecimal(hash.value());
}

int fit_text(TextClassifier& model, std::span<const std::string> texts,
             std::span<const Labels> truth, std::span<const std::string> names,
             std::span<const Index> some, const TextFitOptions& options, Progress& progress) {
  const TextRow& row = text_row(model.name);
  begin_classifier(model, options.settings, options.examples.loop.seed, truth, names, some);
  model.fingerprint = text_fingerprint(texts, truth, some);
  if (row.is_neural()) return fit_network(model, row, texts, truth, some, options, progress);
  fit_counts(model, row, texts, truth, some, options, progress);
  return 0;
}

}  // namespace tapegrad::apps
