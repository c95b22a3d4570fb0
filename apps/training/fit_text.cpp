#include <tapegrad/apps/training/fit_text.h>

#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/data/fingerprint.h>

namespace tapegrad::apps {
namespace {

int fit_network(TextClassifier& model, const TextRow& row, std::span<const std::string> texts,
                std::span<const Labels> truth, std::span<const Index> some,
                const TextFitOptions& options, Progress& progress) {
  const auto make = [&](const Scope& scope, std::span<const Index> learnt_from) {
    model.encoder = TextEncoder(texts, learnt_from, encoder_options(row, model.settings));
    model.network = row.make(model.settings, scope, model.encoder.width(), model.width());
    const auto inputs = std::make_shared<const TextInputs>(model.encoder.encode(texts));
    return ExampleNetwork{.outputs =
                              [&model, inputs](Tape& tape, std::span<const Index> batch) {
                                return model.network->logits(tape, *inputs, batch);
                              },
                          .lengths = inputs->lengths()};
  };
  ExampleFitOptions examples = options.examples;
  examples.batch = model.settings.whole(text_options::batch);
  examples.label_smoothing = model.settings.number(text_options::label_smoothing);
  return fit_examples(model, make, truth, some, examples, progress);
}

// Chooses the strength of a model of counts on the validation part, and fits it to everything.
void fit_counts(TextClassifier& model, const TextRow& row, std::span<const std::string> texts,
                std::span<const Labels> truth, std::span<const Index> some,
                const TextFitOptions& options, Progress& progress) {
  const bool is_linear = counted_kind_of(model.name) != CountedKind::naive_bayes;
  const ModelOption& option = is_linear ? text_options::cost : text_options::smoothing;
  std::vector<std::string> tried{model.settings.text(option)};
  if (model.settings.is_auto(option)) {
    const auto& grid = find_option(row, option)->grid;
    tried.assign(grid.begin(), grid.end());
  }
  const CountedText::Options counted = counted_options(model.name, model.settings);
  const auto fit_all = [&] {
    model.counted.emplace(texts, some, counted);
    model.counted->fit(model.counted->rows(texts), truth, some, model.settings.number(option));
  };
  // Nothing is chosen, and there is too little to calibrate on.
  if (tried.size() == 1 && !can_validate(some)) return fit_all();
  const TrainingParts parts = training_parts(truth, some, options.examples.loop.seed);
  CountedText learnt(texts, parts.training, counted);
  const SparseExamples rows = learnt.rows(texts);
  std::optional<Judgement> best;
  for (const std::string& text : tried) {
    ModelSettings own = model.settings;
    own.set(option, text);
    learnt.fit(rows, truth, parts.training, own.number(option));
    std::vector<double> outputs;
    for (const Index i : parts.validation) {
      const std::vector<double> one = learnt.outputs(rows.row(i));
      outputs.insert(outputs.end(), one.begin(), one.end());
    }
    TextClassifier candidate;  // for its temperatures, without which log losses do not compare
    candidate.targets = model.targets;
    calibrate(candidate, outputs, truth, parts.validation, options.examples.precision);
    const Judgement judgement = judge_outputs(candidate, outputs, truth, parts.validation);
    progress.begin(fmt::format("{} {}", option.name, text));
    progress.end("validation " + judgement.text);
    if (best && std::pair(judgement.value, judgement.among_equals) <=
                    std::pair(best->value, best->among_equals))
      continue;
    best = judgement;
    model.settings = own;
    model.targets = candidate.targets;
  }
  fit_all();
}

}  // namespace

std::string text_fingerprint(std::span<const std::string> texts, std::span<const Labels> truth,
                             std::span<const Index> some) {
  StableHash hash;
  for (const Index i : some) {
    hash.add_text(texts[static_cast<std::size_t>(i)]);
    for (const Labels& labels : truth) hash.add_index(labels.of[static_cast<std::size_t>(i)]);
  }
  for (const Labels& labels : truth) {
    for (Index c = 0; c < labels.classes.size(); ++c) hash.add_text(labels.classes.name(c));
  }
  return hexadecimal(hash.value());
}

int fit_text(TextClassifier& model, std::span<const std::string> texts,
             std::span<const Labels> truth, std::span<const std::string> names,
             std::span<const Index> some, const TextFitOptions& options, Progress& progress) {
  const TextRow& row = text_row(model.name);
  model.settings = options.settings;
  model.seed = options.examples.loop.seed;
  model.fingerprint = text_fingerprint(texts, truth, some);
  model.targets.clear();
  for (std::size_t t = 0; t < truth.size(); ++t)
    model.targets.push_back({.name = names[t], .classes = truth[t].classes});
  if (row.is_neural()) return fit_network(model, row, texts, truth, some, options, progress);
  fit_counts(model, row, texts, truth, some, options, progress);
  return 0;
}

}  // namespace tapegrad::apps
