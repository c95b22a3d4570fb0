// What a model of sequences reads of each event.
#pragma once

#include <memory>
#include <vector>

#include <tapegrad/apps/data/sessions.h>

namespace tapegrad::apps {

// What models of sequences are made for.
struct SequenceInputs {
  Index items = 0;
  Index types = 0;                                        // of events; 0: events have none
  std::shared_ptr<const EntityFeatures> item_features{};  // null without
};
SequenceInputs inputs_of(const Sessions& sessions);

// One entry an event. Types, intervals and revisits are given for all models, which look at what
// they have vectors for.
struct EventInputs {
  // The numbers of intervals: ⌊log₂(1 + seconds since the event before)⌋ + 1, and 0 where there is
  // no event before, or no time.
  static constexpr Index intervals_in_all = 34;

  std::vector<Index> items;
  std::vector<Index> types;      // the type's number + 1; 0: none, or one that is not known
  std::vector<Index> intervals;  // see above
  std::vector<Index> revisits;   // see below

  // How often the item comes among the events before, of which the last `looked_at` count; at most
  // revisits_in_all - 1.
  static constexpr Index revisits_in_all = 4;
  static constexpr std::size_t looked_at = 100;

  // Event `place` of a history, all of which before it counts as known.
  void add(const History& history, std::size_t place);
  // Events [first, first + count).
  void add(const History& history, std::size_t first, std::size_t count);
  void add(const History& history) { add(history, 0, history.size()); }
  // What stands where there is no event; no state of an event may depend on it.
  void add_padding(std::size_t count);
};

}  // namespace tapegrad::apps
