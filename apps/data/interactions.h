#pragma once

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/graph/dtype.h>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tapegrad::apps {

// Events of users with items in file order, one row an event; the same (user, item) pair may come
// more than once.
//
// Where implicit feedback is built from events (UserItems), pairs are deduplicated; ratings play no
// part there.
struct Interactions {
  std::vector<std::int32_t> users;  // numbers in user_ids
  std::vector<std::int32_t> items;  // numbers in item_ids
  std::vector<float> ratings;  // one an event, NaN for no number, or empty where the table has none
  std::vector<float> quantities;  // pieces, likewise; below 0 what was taken back
  std::vector<double> times;      // seconds, one an event, or empty where the table has none
  IdMap user_ids;                 // of sessions, where the events are theirs
  IdMap item_ids;

  Index size() const { return static_cast<Index>(users.size()); }
};

// Whose events a table has. It says where the columns of a table without a header are.
enum class EventOwner {
  user,     // user, item, rating, time
  history,  // user, item, time: of one user after another
  session   // session, item, time
};

// Reads events (user or session, item, and where given rating, quantity and time) from one source
// or several; see read_table for these and parse_time for times.
//
// Ids lose the blanks around them. A row without a user is nobody's event: it is left out and
// counted. A row with an empty item or a time that cannot be read is malformed; so is one whose
// rating is no finite number, if options.min_rating asks for ratings. Throws DataError for what
// cannot be read, for a table without a single good row, and with options.min_rating for one
// without ratings.
Interactions read_interactions(std::span<const std::string> locations,
                               const TableOptions& options = {}, ReadReport* report = nullptr,
                               EventOwner owner = EventOwner::user);
Interactions read_interactions(const std::string& location, const TableOptions& options = {},
                               ReadReport* report = nullptr);

// Appends row `row` of `source`, whose ids must be those of `target`, to the events of `target`.
void append_event(Interactions& target, const Interactions& source, Index row);

// Throws DataError, saying why, where no ranking of items can be learnt: fewer than two users,
// fewer than two items, or every user already has every item (nothing is left to tell from what was
// chosen).
void require_trainable(const Interactions& interactions);

}  // namespace tapegrad::apps
