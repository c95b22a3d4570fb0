// What a model of sequences is trained on, and the questions that choose and test it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/data/next_item_case.h>
#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/temporal_split.h>

namespace tapegrad::apps {

// What is asked for.
enum class SequenceTarget {
  item,   // the next event's item
  basket  // the items of the next basket: of a user's events at one time
};

// Cases look into the sessions beside them, so a split only moves.
struct SequenceSplit {
  SequenceSplit() = default;
  SequenceSplit(SequenceSplit&&) = default;
  SequenceSplit& operator=(SequenceSplit&&) = default;

  Sessions training;
  Sessions judged;  // sessions of the test, in the training's numbers
  std::vector<NextItemCase> cases;
  Sessions choosing;   // the training's part to learn from while validating,
  Sessions validated;  // and the sessions to validate on
  std::vector<NextItemCase> validation;
  std::string protocol;    // "sessions", "loo", "sasrec100", that of a cut, or "none" without cases
  bool histories = false;  // of users; else sessions of visitors
  Repeats repeats = Repeats::keep;
  SequenceTarget target = SequenceTarget::item;
  std::vector<std::vector<std::int32_t>> baskets;  // what cases look for, where it is a basket
};

// Every event but the first of each session is asked for, with items of the session competing.
std::vector<NextItemCase> next_item_cases(const Sessions& sessions);

// Sessions with a test of its own, or, null, with protocol "none". The last tenth of the training's
// sessions validates, at most 5,000.
SequenceSplit session_split(const Sessions& training, const KnownTest* test);

// Sessions that begin before a cut in time, with items of their own, and the others. Throws
// DataError for sessions without times, and where one of the parts has none.
struct SessionsInTime {
  Sessions before, after;
  double start = 0.0;  // of the test
};
SessionsInTime sessions_in_time(const Sessions& all, const TemporalCut& cut);

// One set of sessions that is cut in time: sessions that begin at the cut or later are the test.
// Throws DataError for sessions without times, and where one of the parts has none that asks
// something.
SequenceSplit session_split_in_time(const Sessions& all, const TemporalCut& cut);

struct HistorySplitOptions {
  // "loo": a user's last item (or basket) is the case, the one before it validates, the rest
  // trains; "sasrec100": the same among 100 sampled items that the user never had; "temporal":
  // what happened from the cut on is asked for step by step, each time after all that the user had
  // before, and what happened before the cut trains, so that nothing is learnt from the future;
  // "none": there is no case, the last item validates, and then all train.
  std::string protocol = "loo";
  TemporalCut cut{};  // of "temporal"
  SequenceTarget target = SequenceTarget::item;
  // With Repeats::drop items of the history do not compete, and in "temporal" are not asked for.
  Repeats repeats = Repeats::drop;
  std::uint64_t seed = 1;  // of the sampled items
};

// Histories. Users with fewer than three items (or baskets) only train. Throws OptionError for
// another protocol and DataError for baskets or "temporal" without times, and for too few items to
// sample from.
SequenceSplit history_split(const Sessions& histories, const HistorySplitOptions& options);

}  // namespace tapegrad::apps
