// What sessions and histories have in common: the figures of `tg-sequence analyze`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/trajectories/distribution.h>
#include <tapegrad/apps/trajectories/frequent_paths.h>
#include <tapegrad/apps/trajectories/funnel.h>
#include <tapegrad/apps/trajectories/transitions.h>

namespace tapegrad::apps {

struct TrajectoryOptions {
  std::vector<std::string> funnel{};  // types in their order; empty: those that are known by name
  std::size_t longest_path = 4;       // in states
  double least_support = 0.001;       // of a frequent path, as a part of all sessions
  std::optional<double> gap{};        // seconds of silence that cut histories into sessions
};

// An item at the beginning or the end of sessions.
struct EdgeItem {
  std::int32_t item = 0;
  Index sessions = 0;   // that begin, or end, with it
  double share = 0.0;   // of all sessions
  double of_own = 0.0;  // of all events of the item
};

struct Trajectories {
  Sessions sessions;                 // as they were analysed
  Distribution lengths;              // events of a session
  std::vector<Index> length_counts;  // of the lengths 1, 2, 3, 4, 5 to 8, 9 to 16, ... events
  Distribution durations;            // seconds from the first event to the last; none without times
  std::vector<FunnelStage> funnel;   // none without types
  std::vector<Transition> type_transitions;  // none without types
  std::vector<Transition> item_transitions;
  std::vector<FrequentPath> paths;       // of items
  std::vector<EdgeItem> entries, exits;  // the most frequent first
  // Seconds until the same history has the same item again: of the events of the funnel's last
  // stage, or, without types, of all.
  Distribution repeats;
  Index repeated = 0;  // events whose item the history had before
};

// `histories` are of visitors or of users; with a gap they are cut into sessions for all but the
// repeats. Throws OptionError for a type of the funnel that no event has, and DataError for a gap
// without times.
Trajectories analyse(const Sessions& histories, const TrajectoryOptions& options);

// The first and last of the lengths that a place of `length_counts` counts, such as "5 to 8".
std::string length_range(std::size_t place);

}  // namespace tapegrad::apps
