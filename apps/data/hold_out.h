#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/user_items.h>
#include <cstdint>
#include <span>
#include <vector>

namespace tapegrad::apps {

// In `held` below: this user keeps all its events.
inline constexpr std::int32_t nothing_held = -1;

// The users, ascending, that can give an item away: at least 3 events, at least 2 distinct items.
std::vector<std::int32_t> users_to_test(const Interactions& interactions, const UserItems& pairs);

// For each user the item of its last event by time (the last in the file among equal times, and
// without times), nothing_held without events.
std::vector<std::int32_t> last_items(const Interactions& interactions);

// Takes all events of each user with its item in `held` (one entry a user) out of the training and
// makes a case with full ranking of each; protocol and description stay empty.
Split hold_out(const Interactions& interactions, std::span<const std::int32_t> held);

}  // namespace tapegrad::apps
