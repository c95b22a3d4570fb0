#pragma once

#include <tapegrad/apps/data/event_columns.h>
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
  std::vector<float> quantities;    // pieces, likewise; below 0 what was taken back
  std::vector<float> prices;        // of a piece, likewise
  std::vector<std::int16_t> types;  // numbers in type_ids, or empty where the table has no types
  std::vector<double> times;        // seconds, one an event, or empty where the table has none
  // How much an event counts (likes_of); empty where all count the same.
  std::vector<float> weights;
  // Where weights halve with age (likes_of): the time that ages are counted back from, in seconds.
  double weighed_at = 0.0;
  // Whether the event is of a kind that is to be predicted (likes_of); empty where all are.
  std::vector<bool> targets;
  IdMap user_ids;  // of sessions, where the events are theirs
  IdMap item_ids;
  Index added_users = 0, added_items = 0;  // the last ids, which tables of features added
  IdMap type_ids;                          // such as view, cart and purchase
  std::vector<bool> labels;  // one an event; empty unless options.reads_labels asked for them
  Index cancelled = 0;       // events of cancelled orders, whose quantities are negative

  bool is_target(std::size_t row) const { return targets.empty() || targets[row]; }
  Index size() const { return static_cast<Index>(users.size()); }
};

// Whose events a table has. It says where the columns of a table without a header are.
enum class EventOwner {
  user,     // user, item, rating, time
  history,  // user, item, time: of one user after another
  session   // session, item, time
};

// Reads events (user or session, item, and where given rating, quantity, price, type, order and
// time) from one source or several; see read_table for these, parse_amount and TimeFormat for the
// numbers and times.
//
// Ids lose the blanks around them. A row without a user is nobody's event: it is left out and
// counted. A row with an empty item or a time that cannot be read is malformed; so is one whose
// rating is no finite number, if options.min_rating asks for ratings, and one whose type
// options.event_weights does not list. A row of a cancelled order (an order called C and a number,
// where others are called by a number alone) takes its pieces back. `columns`, where given, gathers
// what events say of their users and items; options.columns says which columns these are. Throws
// DataError for what cannot be read, for a table without a single good row, and where a column is
// missing that min_rating, event_weights or `columns` ask for.
Interactions read_interactions(std::span<const std::string> locations,
                               const TableOptions& options = {}, ReadReport* report = nullptr,
                               EventOwner owner = EventOwner::user,
                               EventColumns* columns = nullptr);
Interactions read_interactions(const std::string& location, const TableOptions& options = {},
                               ReadReport* report = nullptr);

// The events whose rows are `kept`, with all ids.
Interactions subset(const Interactions& events, const std::vector<bool>& kept);

// Throws DataError, saying why, where no ranking of items can be learnt: fewer than two users,
// fewer than two items, or every user already has every item (nothing is left to tell from what was
// chosen).
void require_trainable(const Interactions& interactions);

}  // namespace tapegrad::apps
