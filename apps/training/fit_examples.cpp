#include <tapegrad/apps/training/fit_examples.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/classification/stratified.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/evaluation/numbers.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/example_source.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

std::size_t place(Index index) { return static_cast<std::size_t>(index); }

std::vector<Index> classes_of(const Labels& labels, std::span<const Index> some) {
  std::vector<Index> classes;
  for (const Index example : some) classes.push_back(labels.of[place(example)]);
  return classes;
}

// n / (classes that are there · examples of the class), the weights of scikit-learn's "balanced".
std::vector<double> balanced_weights(std::span<const Index> classes, Index count) {
  std::vector<double> sizes(place(count), 0.0);
  for (const Index label : classes) sizes[place(label)] += 1.0;
  const auto present =
      static_cast<double>(std::ranges::count_if(sizes, [](double size) { return size > 0.0; }));
  std::vector<double> weights;
  for (const double size : sizes)
    weights.push_back(size > 0.0 ? static_cast<double>(classes.size()) / (present * size) : 0.0);
  return weights;
}

std::vector<double> numbers_of(const Labels& labels, std::span<const Index> some) {
  std::vector<double> numbers;
  for (const Index example : some) numbers.push_back(labels.numbers[place(example)]);
  return numbers;
}

std::vector<LabelsOf> targets_of(std::span<const Labels> truth, std::span<const Index> some,
                                 bool balanced) {
  std::vector<LabelsOf> targets;
  for (const Labels& labels : truth) {
    if (labels.are_numbers()) {
      targets.push_back(NumbersOf{numbers_of(labels, some)});
      continue;
    }
    ClassesOf target{.classes = labels.classes.size(), .of = classes_of(labels, some)};
    if (balanced) target.weights = balanced_weights(target.of, target.classes);
    targets.push_back(std::move(target));
  }
  return targets;
}

OutputScale scale_of(std::span<const double> numbers, const std::string& name) {
  const auto count = static_cast<double>(numbers.size());
  const bool varies =
      std::ranges::any_of(numbers, [&](double number) { return number != numbers.front(); });
  if (!varies)
    throw DataError(fmt::format("column {}: expected labels that differ, got {} only",
                                in_quotes(name), numbers.empty() ? 0.0 : numbers.front()));
  // Squares of the numbers as they are could be too large or too small for a double; divided by a
  // power of 2 they keep their digits.
  double size = 0.0, mean = 0.0, squares = 0.0;
  for (const double number : numbers) size = std::max(size, std::abs(number));
  size = std::ldexp(1.0, std::ilogb(size));
  for (const double number : numbers) mean += number / size / count;
  for (const double number : numbers) squares += std::pow(number / size - mean, 2);
  return {.mean = mean * size, .deviation = std::sqrt(squares / count) * size};
}

std::optional<double> huber_delta_of(const ModelSettings& settings) {
  if (!settings.has(classifier_options::loss) || settings.text(classifier_options::loss) != "huber")
    return std::nullopt;
  return settings.number(classifier_options::huber_delta);
}

// By what is minimised: large errors count linearly where Huber's loss is.
Judgement judge_numbers(const StoredClassifier& model, std::span<const double> outputs,
                        std::span<const Labels> truth, std::span<const Index> examples) {
  const std::optional<double> delta = huber_delta_of(model.settings);
  const auto targets = static_cast<double>(model.targets.size());
  Judgement judgement;
  for (std::size_t t = 0; t < model.targets.size(); ++t) {
    const NumberPredictions own{.predicted = own_outputs(model.targets, t, outputs),
                                .truth = numbers_of(truth[t], examples)};
    const NumberMeasures measures = number_measures(own);
    const double loss = delta ? huber_loss(own, *delta) : measures.rmse * measures.rmse;
    judgement.value += (delta ? -loss : measures.r2) / targets;
    judgement.among_equals -= loss / targets;
  }
  judgement.text = delta ? fmt::format("Huber loss {:.4f}", -judgement.value)
                         : fmt::format("R² {:.4f}", judgement.value);
  return judgement;
}

}  // namespace

void begin_classifier(StoredClassifier& model, const ModelSettings& settings, std::uint64_t seed,
                      std::span<const Labels> truth, std::span<const std::string> names,
                      std::span<const Index> some) {
  model.settings = settings;
  model.seed = seed;
  model.targets.clear();
  for (std::size_t t = 0; t < truth.size(); ++t) {
    Target& target = model.targets.emplace_back();
    target.name = names[t];
    if (truth[t].are_numbers())
      target.number = scale_of(numbers_of(truth[t], some), names[t]);
    else
      target.classes = truth[t].classes;
  }
}

std::vector<Labels> as_outputs(const StoredClassifier& model, std::span<const Labels> truth) {
  std::vector<Labels> all(truth.begin(), truth.end());
  for (std::size_t t = 0; t < all.size(); ++t) {
    for (double& number : all[t].numbers) number = model.targets[t].number->output_of(number);
  }
  return all;
}

void add_labels(StableHash& hash, std::span<const Labels> truth, std::span<const Index> some) {
  for (const Labels& labels : truth) {
    for (Index c = 0; c < labels.classes.size(); ++c) hash.add_text(labels.classes.name(c));
    for (const Index i : some) {
      if (labels.are_numbers())
        hash.add_double(labels.numbers[place(i)]);
      else
        hash.add_index(labels.of[place(i)]);
    }
  }
}

bool can_validate(std::span<const Index> some) { return some.size() >= 20; }

TrainingParts training_parts(std::span<const Labels> truth, std::span<const Index> some,
                             std::uint64_t seed) {
  const Labels& labels = truth.front();
  const TwoParts parts = stratified_parts(
      labels.are_numbers() ? strata_of(numbers_of(labels, some)) : classes_of(labels, some), 0.1,
      seed);
  if (parts.second.empty())
    throw DataError(
        fmt::format("expected enough examples for a tenth of them to validate, got {}: a network "
                    "with --epochs, and a linear model with --cost or --smoothing, needs none",
                    some.size()));
  TrainingParts own;
  for (const Index i : parts.first) own.training.push_back(some[place(i)]);
  for (const Index i : parts.second) own.validation.push_back(some[place(i)]);
  return own;
}

Judgement judge_outputs(const StoredClassifier& model, std::span<const double> outputs,
                        std::span<const Labels> truth, std::span<const Index> examples) {
  Judgement judgement;
  if (model.predicts_numbers()) return judge_numbers(model, outputs, truth, examples);
  std::vector<ClassPredictions> predictions = model.predictions(outputs);
  bool all_two = true;
  for (std::size_t t = 0; t < predictions.size(); ++t) {
    predictions[t].truth = classes_of(truth[t], examples);
    const bool is_two = predictions[t].classes == 2;
    all_two &= is_two;
    judgement.value +=
        is_two ? area_under_roc(second_class(predictions[t]))
               : measures_of(confusion_matrix(predictions[t]), predictions[t].classes).accuracy;
    judgement.among_equals -= class_log_loss(predictions[t]);
  }
  judgement.value /= static_cast<double>(predictions.size());
  const char* name = all_two ? "AUC" : "accuracy";
  judgement.text = fmt::format("{} {:.4f}", name, judgement.value);
  return judgement;
}

void calibrate(StoredClassifier& model, std::span<const double> outputs,
               std::span<const Labels> truth, std::span<const Index> examples, double precision) {
  if (model.predicts_numbers()) return;
  for (std::size_t t = 0; t < model.targets.size(); ++t) {
    Target& target = model.targets[t];
    const std::vector<Index> classes = classes_of(truth[t], examples);
    target.temperature = fit_class_temperature(own_outputs(model.targets, t, outputs), classes,
                                               target.classes.size(),
                                               1.0 / (static_cast<double>(classes.size()) + 2.0));
    if (precision == 0.0 || target.classes.size() != 2) continue;
    ClassPredictions predictions = model.predictions(outputs)[t];
    predictions.truth = classes;
    target.threshold = threshold_for_precision(second_class(predictions), precision);
  }
}

std::vector<double> outputs_of(const ExampleNetwork& network, std::span<const Index> examples,
                               Index width, int threads) {
  constexpr std::size_t batch = 128;
  // Examples of like lengths are computed together.
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {},
                           [&](std::size_t at) { return network.lengths[place(examples[at])]; });
  std::vector<double> all(examples.size() * place(width));
  Tape tape({.threads = threads, .training = false});
  for (std::size_t first = 0; first < order.size(); first += batch) {
    const std::size_t last = std::min(first + batch, order.size());
    std::vector<Index> own;
    for (std::size_t at = first; at < last; ++at) own.push_back(examples[order[at]]);
    tape.clear();
    const auto values = network.outputs(tape, own).values<float>();
    for (std::size_t at = first; at < last; ++at)
      std::ranges::copy(values.subspan((at - first) * place(width), place(width)),
                        all.begin() + static_cast<std::ptrdiff_t>(order[at] * place(width)));
  }
  return all;
}

int fit_examples(StoredClassifier& model, const MakeExampleNetwork& make,
                 std::span<const Labels> truth, std::span<const Index> some,
                 const ExampleFitOptions& options, Progress& progress) {
  const int threads = std::max(1, options.loop.threads);
  const bool has_validation = options.judged || options.loop.epochs == 0 || can_validate(some);
  TrainingParts parts;
  if (has_validation) parts = training_parts(truth, some, options.loop.seed);
  ExampleNetwork network;
  const auto validation_outputs = [&] {
    model.parameters->settle();
    return outputs_of(network, parts.validation, model.width(), threads);
  };
  const auto fit = [&](std::span<const Index> on, const LoopOptions& loop, bool judged) {
    model.parameters = std::make_unique<Parameters>(options.loop.seed);
    network = make(model.parameters->root(), on);
    std::vector<Index> lengths;
    for (const Index example : on) lengths.push_back(network.lengths[place(example)]);
    const auto numbered = [&](const auto& function) {
      return [&](Tape& tape, std::span<const Index> batch, const auto&... more) {
        std::vector<Index> own;
        for (const Index i : batch) own.push_back(on[place(i)]);
        return function(tape, own, more...);
      };
    };
    ExampleSource::Loss loss;
    if (network.loss) loss = numbered(network.loss);
    ExampleSource source(
        numbered(network.outputs), targets_of(truth, on, options.balanced), std::move(lengths),
        {.batch = model.settings.whole(classifier_options::batch),
         .seed = options.loop.seed,
         .label_smoothing = model.settings.number(classifier_options::label_smoothing),
         .huber_delta = huber_delta_of(model.settings)},
        std::move(loss));
    if (network.weighted_outputs) source.set_weighted_outputs(numbered(network.weighted_outputs));
    const auto judge = [&] {
      const Judgement judgement =
          judge_outputs(model, validation_outputs(), truth, parts.validation);
      if (options.judged) options.judged(judgement);
      return judgement;
    };
    return train(*model.parameters, source, loop,
                 judged ? std::function<Judgement()>(judge) : nullptr, progress);
  };
  if (options.judged) return fit(parts.training, options.loop, true).epochs;
  bool is_calibrated = !has_validation;
  const auto calibrate_here = [&] {
    calibrate(model, validation_outputs(), truth, parts.validation, options.precision);
    is_calibrated = true;
  };
  const int epochs = choose_and_refit(
      options.loop, options.refit,
      [&](const LoopOptions& loop) {
        const LoopResult result = fit(parts.training, loop, true);
        calibrate_here();
        return result;
      },
      [&](const LoopOptions& loop) {
        // Nothing was chosen: the number of epochs was given, or a run goes on that had chosen.
        if (!is_calibrated) {
          fit(parts.training, run_beside(loop, "calibrating, "), false);
          calibrate_here();
        }
        fit(some, loop, false);
      });
  model.parameters->settle();
  return epochs;
}

}  // namespace tapegrad::apps
