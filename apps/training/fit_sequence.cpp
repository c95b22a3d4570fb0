#include <tapegrad/apps/training/fit_sequence.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/models/sequence_defaults.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/open_options.h>
#include <tapegrad/apps/training/sequence_sources.h>

namespace tapegrad::apps {
namespace {

bool can_train(const Sessions& sessions) { return !usable_sessions(sessions).empty(); }

Judgement judgement_of(const NextItemPredictor& predictor, const SequenceSplit& split,
                       std::span<const NextItemCase> cases, const SequenceFitOptions& options) {
  const std::vector<RankedNext> ranked = rank_next_items(
      predictor, cases, split.training.items.size(), std::max(1, options.loop.threads));
  const NextItemMetrics metrics = metrics_of(ranked, options.k);
  const Measure measure = validated_measure(split);
  const double value = measure == Measure::recall ? metrics.recall : metrics.ndcg;
  return {.value = value,
          .among_equals = metrics.mrr,
          .text = fmt::format("{}@{} {:.4f}", name_of(measure), options.k, value)};
}

struct Trained {
  std::unique_ptr<Parameters> parameters;
  std::unique_ptr<SequenceModel> model;
  LoopResult result;
};

// With a validation the model is judged after each epoch, of which `judged`, where there is one, is
// told.
Trained train_on(const SequenceRow& row, const Sessions& sessions,
                 const SequenceFitOptions& options, const LoopOptions& loop,
                 const SequenceSplit* validation, Progress& progress,
                 const std::function<void(const Judgement&)>& judged = nullptr) {
  Trained trained;
  trained.parameters = std::make_unique<Parameters>(options.loop.seed);
  trained.model = row.make(options.settings, trained.parameters->root(), inputs_of(sessions));
  const auto source = make_sequence_source(*trained.model, sessions,
                                           source_options(options.settings, options.loop.seed));
  const std::vector<std::int32_t> unlearnt = unlearnt_items(sessions, std::string(row.name));
  const auto judge = [&] {
    const auto predictor = known_predictor(
        std::make_unique<ModelPredictor>(*trained.model, *trained.parameters), unlearnt);
    Judgement judgement = judgement_of(*predictor, *validation, validation->validation, options);
    if (judged) judged(judgement);
    return judgement;
  };
  trained.result =
      train(*trained.parameters, *source, loop,
            validation != nullptr ? std::function<Judgement()>(judge) : nullptr, progress);
  return trained;
}

int fit_by_epochs(StoredSequenceModel& model, const SequenceRow& row, const SequenceSplit& split,
                  const SequenceFitOptions& options, Progress& progress) {
  if (options.loop.epochs == 0 && (split.validation.empty() || !can_train(split.choosing))) {
    throw DataError(fmt::format(
        "too few sessions of 2 events or more to choose the number of epochs: expected some to "
        "train on and some to validate "
        "on, got {} and {}; --epochs says how many",
        can_train(split.choosing) ? "some" : "none", split.validation.empty() ? "none" : "some"));
  }
  const auto keep = [&](Trained trained) {
    model.parameters = std::move(trained.parameters);
    model.model = std::move(trained.model);
    return trained.result;
  };
  return choose_and_refit(
      options.loop, options.refit,
      [&](const LoopOptions& loop) {
        return keep(train_on(row, split.choosing, options, loop, &split, progress));
      },
      [&](const LoopOptions& loop) {
        keep(train_on(row, split.training, options, loop, nullptr, progress));
      });
}

// Judges settings of a model that is counted.
class CountedJudge {
 public:
  CountedJudge(const SequenceRow& row, const SequenceSplit& split,
               const SequenceFitOptions& options)
      : row_(row),
        split_(split),
        options_(options),
        unlearnt_(unlearnt_items(split.choosing, std::string(row.name))) {
    // Enough to tell options apart; every case of many would take long.
    constexpr std::size_t most_cases = 5000;
    const std::size_t every = (split.validation.size() + most_cases - 1) / most_cases;
    for (std::size_t i = 0; i < split.validation.size(); i += every)
      cases_.push_back(split.validation[i]);
  }
  Judgement operator()(const ModelSettings& settings) const {
    const auto predictor = known_predictor(row_.count(settings, split_.choosing), unlearnt_);
    return judgement_of(*predictor, split_, cases_, options_);
  }

 private:
  const SequenceRow& row_;
  const SequenceSplit& split_;
  const SequenceFitOptions& options_;
  std::vector<std::int32_t> unlearnt_;
  std::vector<NextItemCase> cases_;
};

// The options of a model that is counted, with those that were open chosen.
ModelSettings choose(const SequenceRow& row, const SequenceSplit& split,
                     const SequenceFitOptions& options, Progress& progress) {
  const auto open = open_options(row, options.settings);
  if (open.empty()) return options.settings;
  if (split.validation.empty() || !can_train(split.choosing))
    throw DataError(fmt::format(
        "too few sessions of 2 events or more to choose the options of {}: --{} and the others "
        "that are \"auto\" say what they are",
        row.name, open.front()->option->name));
  const CountedJudge judge(row, split, options);
  progress.begin(fmt::format("choosing the options of {}", row.name));
  const ModelSettings chosen = choose_in_turn(open, options.settings, judge);
  progress.end(text_of(open, chosen));
  return chosen;
}

void require_times(const SequenceRow& row, const SequenceSplit& split) {
  if (row.needs_times && split.training.times.empty())
    throw DataError(fmt::format("{} needs the times of events, and these have none", row.name));
}

}  // namespace

Measure validated_measure(const SequenceSplit& split) {
  return split.histories ? Measure::ndcg : Measure::recall;
}

void try_sequence(const SequenceRow& row, const SequenceSplit& split,
                  const SequenceFitOptions& options, Progress& progress,
                  const std::function<void(const Judgement&)>& judged) {
  require_times(row, split);
  if (split.validation.empty() || !can_train(split.choosing))
    throw DataError(fmt::format(
        "too few sessions of 2 events or more to choose the options of {}: expected some to train "
        "on and some to validate on",
        row.name));
  if (row.is_neural()) {
    SequenceFitOptions own = options;
    own.settings = decided(row, options.settings, split.training);
    train_on(row, split.choosing, own, own.loop, &split, progress, judged);
    return;
  }
  progress.begin(options.loop.part + std::string(row.name));
  const Judgement judgement = CountedJudge(row, split, options)(options.settings);
  progress.end(judgement.text);
  judged(judgement);
}

int fit_sequence(StoredSequenceModel& model, const SequenceSplit& split,
                 const SequenceFitOptions& options, Progress& progress) {
  const SequenceRow& row = sequence_row(model.name);
  require_times(row, split);
  model.training = split.training;
  model.task = split.histories ? "next-item" : "sessions";
  model.protocol = split.protocol;
  model.repeats = split.repeats;
  model.target = split.target;
  model.unlearnt = unlearnt_items(split.training, model.name);
  model.fingerprint = hexadecimal(fingerprint(split.training));
  model.seed = options.loop.seed;
  model.settings = options.settings;
  if (row.is_neural()) {
    SequenceFitOptions own = options;
    own.settings = model.settings = decided(row, options.settings, split.training);
    return fit_by_epochs(model, row, split, own, progress);
  }
  model.settings = choose(row, split, options, progress);
  return 0;
}

}  // namespace tapegrad::apps
