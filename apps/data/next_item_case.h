// Questions about what comes next.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/data/history.h>

namespace tapegrad::apps {

// A history, what came next, and what that competes with. It looks into the Sessions that it comes
// from.
struct NextItemCase {
  // Without an event where nothing of it is known: then nothing is predicted, and what came next
  // counts as missed.
  History history{};
  std::span<const std::int32_t> relevant{};  // the known items that came next, distinct
  Index unseen = 0;  // how many items came next that are not known: they count as missed
  Index session = 0;
  std::vector<std::int32_t> candidates = {};  // distinct, none relevant; empty: all items
  bool without_history = false;               // the history's own items do not compete
};

}  // namespace tapegrad::apps
