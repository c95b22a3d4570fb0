#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <span>
#include <vector>

namespace tapegrad::apps {

// In a list of rows: none.
inline constexpr Index no_row = -1;

// For each user that can give an event away (at least 3 events, at least 2 distinct items) the row
// of its last target by time (the last in the file among equal times, and without times); no_row
// for the others and for users without targets.
std::vector<Index> last_rows(const Interactions& interactions);

// Takes the row of each user in `held` (one entry a user) out of the training, with Repeats::drop
// all events of the user with the item of that row, and makes a case with full ranking of each.
// Protocol and description stay empty.
Split hold_out(const Interactions& interactions, std::span<const Index> held, Repeats repeats);

// The split whose training has the events that `trains`; cases, protocol, description and notes
// stay empty.
Split split_off(const Interactions& interactions, const std::vector<bool>& trains,
                Repeats repeats = Repeats::drop);

// How many events have the time of another event of the same user, as a sentence of Split::notes;
// empty where none has. Such events are in the order of the file.
std::string describe_equal_times(const Interactions& interactions);

}  // namespace tapegrad::apps
