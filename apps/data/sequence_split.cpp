#include <tapegrad/apps/data/sequence_split.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

constexpr Index most_validating = 5000;  // sessions
constexpr Index sampled_candidates = 100;

void copy_session(Sessions& to, const Sessions& from, Index s, std::size_t events) {
  to.add(from.owners.name(s), from.of(s).first(events));
}

// When the test begins.
double start_of_test(std::vector<double> times, const TemporalCut& cut) {
  if (cut.time) return *cut.time;
  const auto count = static_cast<Index>(times.size());
  const Index tested =
      std::clamp<Index>(std::llround(cut.fraction * static_cast<double>(count)), 1, count);
  const auto first = times.end() - tested;
  std::ranges::nth_element(times, first);
  return *first;
}

// Where the steps of a history begin, and after them its end: a step is an event, or a basket.
std::vector<std::size_t> steps_of(const History& history, SequenceTarget target) {
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const bool goes_on =
        target == SequenceTarget::basket && i > 0 && history.times[i] == history.times[i - 1];
    if (!goes_on) steps.push_back(i);
  }
  steps.push_back(history.size());
  return steps;
}

// Which of these steps are asked for: all but the first that have an event that is a target.
std::vector<std::size_t> asked_steps(const Sessions& sessions, const History& history,
                                     const std::vector<std::size_t>& steps) {
  std::vector<std::size_t> asked;
  for (std::size_t step = 1; step + 1 < steps.size(); ++step) {
    bool is_asked = false;
    for (std::size_t i = steps[step]; i < steps[step + 1]; ++i)
      is_asked = is_asked || sessions.is_target(history, i);
    if (is_asked) asked.push_back(step);
  }
  return asked;
}

// Makes cases for steps of histories.
class CaseMaker {
 public:
  CaseMaker(SequenceSplit& split, const HistorySplitOptions& options)
      : split_(split), options_(options) {}

  // A case for events [first, last) of a history, unless nothing of them is asked for.
  void add(std::vector<NextItemCase>& cases, const Sessions& sessions, Index s, std::size_t first,
           std::size_t last) {
    const History history = sessions.of(s).first(first);
    std::span<const std::int32_t> relevant = sessions.of(s).items.subspan(first, last - first);
    if (options_.target == SequenceTarget::basket)
      relevant = basket(sessions, sessions.of(s), first, last);
    if (relevant.empty()) return;
    cases.push_back({.history = history,
                     .relevant = relevant,
                     .session = s,
                     .without_history = options_.repeats == Repeats::drop});
  }

 private:
  // The distinct items that are asked for of the basket of events [first, last).
  std::span<const std::int32_t> basket(const Sessions& sessions, const History& history,
                                       std::size_t first, std::size_t last) {
    std::set<std::int32_t> distinct;
    for (std::size_t i = first; i < last; ++i) {
      if (sessions.is_target(history, i)) distinct.insert(history.items[i]);
    }
    if (options_.repeats == Repeats::drop) {
      for (const std::int32_t item : history.items.first(first)) distinct.erase(item);
    }
    split_.baskets.emplace_back(distinct.begin(), distinct.end());
    return split_.baskets.back();
  }

  SequenceSplit& split_;
  const HistorySplitOptions& options_;
};

void sample_candidates(std::vector<NextItemCase>& cases, Index items, Random random) {
  for (NextItemCase& one : cases) {
    std::set<std::int32_t> had(one.history.items.begin(), one.history.items.end());
    had.insert(one.relevant.begin(), one.relevant.end());
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

// The last step of each user that is asked for is a case, and of those before it the last one
// validates. What comes after a held out step is left out.
void hold_out_last(SequenceSplit& split, const Sessions& histories,
                   const HistorySplitOptions& options) {
  const bool tests = options.protocol != "none";
  CaseMaker maker(split, options);
  struct Held {
    std::size_t first = 0, last = 0;
  };
  std::vector<Held> judged, validated;  // by place in the sessions of the same name
  for (Index s = 0; s < histories.count(); ++s) {
    const std::vector<std::size_t> steps = steps_of(histories.of(s), options.target);
    const std::vector<std::size_t> asked = asked_steps(histories, histories.of(s), steps);
    if (asked.size() < 2) {
      copy_session(split.training, histories, s, steps.back());
      copy_session(split.choosing, histories, s, steps.back());
      continue;
    }
    const std::size_t last = asked.back();
    if (tests) {
      copy_session(split.judged, histories, s, steps[last + 1]);
      judged.push_back({steps[last], steps[last + 1]});
    }
    copy_session(split.training, histories, s, tests ? steps[last] : steps.back());
    const std::size_t validating = tests ? asked[asked.size() - 2] : last;
    copy_session(split.validated, histories, s, steps[validating + 1]);
    validated.push_back({steps[validating], steps[validating + 1]});
    copy_session(split.choosing, histories, s, steps[validating]);
  }
  for (std::size_t s = 0; s < judged.size(); ++s)
    maker.add(split.cases, split.judged, static_cast<Index>(s), judged[s].first, judged[s].last);
  for (std::size_t s = 0; s < validated.size(); ++s)
    maker.add(split.validation, split.validated, static_cast<Index>(s), validated[s].first,
              validated[s].last);
}

// Histories up to `end`, and the cases of their steps from `start` on; `before` gets the events
// before it.
void cut_histories(SequenceSplit& split, const HistorySplitOptions& options,
                   const Sessions& histories, double start, Sessions& before, Sessions& judged,
                   std::vector<NextItemCase>& cases) {
  CaseMaker maker(split, options);
  for (Index s = 0; s < histories.count(); ++s) {
    const History history = histories.of(s);
    const auto known = static_cast<std::size_t>(std::ranges::lower_bound(history.times, start) -
                                                history.times.begin());
    if (known > 0) copy_session(before, histories, s, known);
    if (known < history.size()) copy_session(judged, histories, s, history.size());
  }
  for (Index s = 0; s < judged.count(); ++s) {
    const History history = judged.of(s);
    const std::vector<std::size_t> steps = steps_of(history, options.target);
    for (const std::size_t i : asked_steps(judged, history, steps)) {
      if (history.times[steps[i]] < start) continue;
      const std::size_t first = steps[i];
      const auto had = history.items.first(first);
      const bool repeats = options.target == SequenceTarget::item &&
                           options.repeats == Repeats::drop &&
                           std::ranges::find(had, history.items[first]) != had.end();
      if (!repeats) maker.add(cases, judged, s, first, steps[i + 1]);
    }
  }
}

void require_times(const Sessions& sessions, const char* what) {
  if (sessions.times.empty()) throw DataError(fmt::format("{} needs the times of events", what));
}

}  // namespace

std::vector<NextItemCase> next_item_cases(const Sessions& sessions) {
  std::vector<NextItemCase> cases;
  for (Index s = 0; s < sessions.count(); ++s) {
    const History session = sessions.of(s);
    for (std::size_t i = 1; i < session.size(); ++i) {
      if (!sessions.is_target(session, i)) continue;
      cases.push_back(
          {.history = session.first(i), .relevant = session.items.subspan(i, 1), .session = s});
    }
  }
  return cases;
}

SequenceSplit session_split(const Sessions& training, const KnownTest* test) {
  SequenceSplit split;
  split.protocol = test != nullptr ? "sessions" : "none";
  split.training = training;
  if (test != nullptr) {
    split.judged = test->sessions;
    for (const KnownTest::Question& asked : test->questions) {
      const History session = split.judged.of(asked.session);
      split.cases.push_back(
          {.history = session.first(asked.prefix),
           .relevant = session.items.subspan(asked.prefix, asked.is_known ? 1 : 0),
           .unseen = asked.is_known ? 0 : 1,
           .session = asked.session});
    }
  }
  split.choosing = training.without_sessions();
  split.validated = training.without_sessions();
  const Index validating = std::min(most_validating, std::max<Index>(1, training.count() / 10));
  for (Index s = 0; s < training.count(); ++s) {
    const bool validates = s >= training.count() - validating;
    const std::size_t size = training.of(s).size();
    if (validates && size >= 2)
      copy_session(split.validated, training, s, size);
    else if (!validates)
      copy_session(split.choosing, training, s, size);
  }
  split.validation = next_item_cases(split.validated);
  return split;
}

SessionsInTime sessions_in_time(const Sessions& all, const TemporalCut& cut) {
  require_times(all, "protocol temporal");
  SessionsInTime parts;
  parts.start = start_of_test(all.times, cut);
  parts.after = all.without_sessions();
  for (Index s = 0; s < all.count(); ++s)
    copy_session(all.of(s).times.front() < parts.start ? parts.before : parts.after, all, s,
                 all.of(s).size());
  // Items are those that were there before the test.
  parts.before.type_ids = all.type_ids;
  parts.before.type_weights = all.type_weights;
  for (std::int32_t& event : parts.before.events)
    event = static_cast<std::int32_t>(parts.before.items.insert(all.items.name(event)));
  if (parts.before.count() == 0 || parts.after.count() == 0)
    throw DataError(fmt::format(
        "protocol temporal: expected sessions before the test begins and after it, got {} and {}",
        parts.before.count(), parts.after.count()));
  return parts;
}

SequenceSplit session_split_in_time(const Sessions& all, const TemporalCut& cut) {
  const SessionsInTime parts = sessions_in_time(all, cut);
  const KnownTest known = known_test(parts.after, parts.before, {}, false);
  SequenceSplit split = session_split(parts.before, &known);
  split.protocol = protocol_of(cut);
  return split;
}

SequenceSplit history_split(const Sessions& histories, const HistorySplitOptions& options) {
  const std::string& protocol = options.protocol;
  if (protocol != "loo" && protocol != "sasrec100" && protocol != "temporal" && protocol != "none")
    throw OptionError(
        fmt::format("there is no protocol {}; there are loo, sasrec100, temporal and none",
                    in_quotes(protocol)));
  if (options.target == SequenceTarget::basket) require_times(histories, "target basket");
  SequenceSplit split;
  split.protocol = protocol;
  split.histories = true;
  split.repeats = options.repeats;
  split.target = options.target;
  for (Sessions* part : {&split.training, &split.judged, &split.choosing, &split.validated})
    *part = histories.without_sessions();
  if (protocol == "temporal") {
    require_times(histories, "protocol temporal");
    split.protocol = protocol_of(options.cut);
    cut_histories(split, options, histories, start_of_test(histories.times, options.cut),
                  split.training, split.judged, split.cases);
    if (split.training.count() == 0)
      throw DataError("protocol temporal: there is no event before the test begins");
    // As large a part of the training as the test is of all.
    const double part = 1.0 - static_cast<double>(split.training.events.size()) /
                                  static_cast<double>(histories.events.size());
    const double start = start_of_test(split.training.times, {.fraction = part});
    cut_histories(split, options, split.training, start, split.choosing, split.validated,
                  split.validation);
    return split;
  }
  hold_out_last(split, histories, options);
  if (protocol == "sasrec100") {
    sample_candidates(split.cases, histories.items.size(), Random(options.seed, 1));
    sample_candidates(split.validation, histories.items.size(), Random(options.seed, 2));
  }
  return split;
}

}  // namespace tapegrad::apps
