#include <tapegrad/apps/training/fit_sequence.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/sequence_sources.h>

namespace tapegrad::apps {
namespace {

constexpr Index most_validating = 5000;  // sessions
constexpr Index sampled_candidates = 100;

void copy_items(Sessions& to, const IdMap& items) {
  for (Index i = 0; i < items.size(); ++i) to.items.insert(items.name(i));
}

void copy_session(Sessions& to, const Sessions& from, Index s, std::size_t events) {
  const double end = from.end_times.empty() ? 0.0 : from.end_times[static_cast<std::size_t>(s)];
  to.add(from.owners.name(s), from.of(s).first(events), end);
}

// A case for the last event, with a user's other items out of the competition.
std::vector<NextItemCase> last_cases(const Sessions& sessions) {
  std::vector<NextItemCase> cases;
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto events = sessions.of(s);
    cases.push_back({.history = events.first(events.size() - 1),
                     .next = events.back(),
                     .without_history = true});
  }
  return cases;
}

void sample_candidates(std::vector<NextItemCase>& cases, Index items, Random random) {
  for (NextItemCase& one : cases) {
    std::set<std::int32_t> had(one.history.begin(), one.history.end());
    had.insert(one.next);
    if (static_cast<Index>(had.size()) + sampled_candidates > items)
      throw DataError(
          fmt::format("sasrec100 needs {} items that a user never had, there are {} in all",
                      sampled_candidates, items));
    while (static_cast<Index>(one.candidates.size()) < sampled_candidates) {
      const auto item = static_cast<std::int32_t>(random.below(items));
      if (had.insert(item).second) one.candidates.push_back(item);
    }
  }
}

bool can_train(const Sessions& sessions) {
  for (Index s = 0; s < sessions.count(); ++s) {
    if (sessions.of(s).size() >= 2) return true;
  }
  return false;
}

struct Trained {
  std::unique_ptr<Parameters> parameters;
  std::unique_ptr<SequenceModel> model;
  LoopResult result;
};

Trained train_on(const SequenceRow& row, const Sessions& sessions,
                 const SequenceFitOptions& options, const LoopOptions& loop,
                 const SequenceSplit* validation, Progress& progress) {
  Trained trained;
  trained.parameters = std::make_unique<Parameters>(options.loop.seed);
  trained.model = row.make(options.settings, trained.parameters->root(), sessions.items.size());
  const auto source = make_sequence_source(*trained.model, sessions,
                                           source_options(options.settings, options.loop.seed));
  const std::vector<std::int32_t> unlearnt = unlearnt_items(sessions, std::string(row.name));
  const auto judge = [&] {
    const auto predictor = known_predictor(
        std::make_unique<ModelPredictor>(*trained.model, *trained.parameters), unlearnt);
    const NextItemMetrics metrics =
        evaluate_next_items(*predictor, validation->validation, sessions.items.size(), options.k,
                            std::max(1, loop.threads));
    const bool recall = !validation->histories;
    const double value = recall ? metrics.recall : metrics.ndcg;
    return Judgement{
        .value = value,
        .text = fmt::format("{}@{} {:.4f}", recall ? "Recall" : "NDCG", options.k, value)};
  };
  trained.result =
      train(*trained.parameters, *source, loop,
            validation != nullptr ? std::function<Judgement()>(judge) : nullptr, progress);
  return trained;
}

}  // namespace

std::vector<NextItemCase> next_item_cases(const Sessions& sessions) {
  std::vector<NextItemCase> cases;
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto events = sessions.of(s);
    for (std::size_t i = 1; i < events.size(); ++i)
      cases.push_back({.history = events.first(i), .next = events[i]});
  }
  return cases;
}

SequenceSplit session_split(const Sessions& training, const Sessions* test) {
  SequenceSplit split;
  split.protocol = test != nullptr ? "sessions" : "none";
  split.training = training;
  if (test != nullptr) split.judged = *test;
  split.cases = next_item_cases(split.judged);
  copy_items(split.choosing, training.items);
  copy_items(split.validated, training.items);
  const Index validating = std::min(most_validating, std::max<Index>(1, training.count() / 10));
  // Without times sessions have no order to speak of: every tenth, then.
  const bool timed = !training.end_times.empty();
  const Index every = std::max<Index>(1, training.count() / validating);
  for (Index s = 0; s < training.count(); ++s) {
    const bool validates = timed ? s >= training.count() - validating : s % every == every - 1;
    const std::size_t size = training.of(s).size();
    if (validates && size >= 2)
      copy_session(split.validated, training, s, size);
    else if (!validates)
      copy_session(split.choosing, training, s, size);
  }
  split.validation = next_item_cases(split.validated);
  return split;
}

SequenceSplit history_split(const Sessions& histories, const std::string& protocol,
                            std::uint64_t seed) {
  if (protocol != "loo" && protocol != "sasrec100" && protocol != "none")
    throw OptionError(fmt::format("there is no protocol {}; there are loo, sasrec100 and none",
                                  in_quotes(protocol)));
  SequenceSplit split;
  split.protocol = protocol;
  split.histories = true;
  const std::size_t held = protocol == "none" ? 0 : 1;
  for (Sessions* part : {&split.training, &split.judged, &split.choosing, &split.validated})
    copy_items(*part, histories.items);
  for (Index s = 0; s < histories.count(); ++s) {
    const std::size_t size = histories.of(s).size();
    if (size < 3) {
      copy_session(split.training, histories, s, size);
      copy_session(split.choosing, histories, s, size);
      continue;
    }
    if (held > 0) copy_session(split.judged, histories, s, size);
    copy_session(split.training, histories, s, size - held);
    copy_session(split.validated, histories, s, size - held);
    copy_session(split.choosing, histories, s, size - held - 1);
  }
  split.cases = last_cases(split.judged);
  split.validation = last_cases(split.validated);
  if (protocol == "sasrec100") {
    sample_candidates(split.cases, histories.items.size(), Random(seed, 1));
    sample_candidates(split.validation, histories.items.size(), Random(seed, 2));
  }
  return split;
}

int fit_sequence(StoredSequenceModel& model, const SequenceSplit& split,
                 const SequenceFitOptions& options, Progress& progress) {
  model.training = split.training;
  model.task = split.histories ? "next-item" : "sessions";
  model.protocol = split.protocol;
  model.unlearnt = unlearnt_items(split.training, model.name);
  model.fingerprint = hexadecimal(fingerprint(split.training));
  model.seed = options.loop.seed;
  model.settings = options.settings;
  const SequenceRow& row = sequence_row(model.name);
  if (!row.is_neural()) return 0;
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

}  // namespace tapegrad::apps
