// What follows what.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/data/sessions.h>

namespace tapegrad::apps {

// From one state straight to the next, in the same session.
struct Transition {
  // Numbers of items or of types; `outside` where a session begins, or ends.
  static constexpr std::int32_t outside = -1;
  std::int32_t from = 0, to = 0;
  Index count = 0;
  double share = 0.0;  // of all transitions from there: the estimate of P(to | from)
  double lift = 0.0;   // the share over that of all transitions which lead to `to`
};

// All transitions of one state a session, the most frequent first, equal ones by number. A session
// without states has none.
std::vector<Transition> transitions_of(std::span<const std::vector<std::int32_t>> sessions);

// The states that sessions go through: their items, or the types of their events.
std::vector<std::vector<std::int32_t>> item_states(const Sessions& sessions);
std::vector<std::vector<std::int32_t>> type_states(const Sessions& sessions);

}  // namespace tapegrad::apps
