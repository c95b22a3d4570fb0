// Sessions, and whether each ends in a purchase.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/data/sessions.h>

namespace tapegrad::apps {

struct PurchaseSessions {
  Sessions sessions;         // the events that the answer may look at, one or more each
  std::vector<bool> bought;  // by session
  Index left_out = 0;        // sessions without such an event
};

// By the types of events: a session ends in a purchase if it has an event of that type, and then
// only what came before the first one is known of it.
PurchaseSessions purchases_by_type(const Sessions& sessions, Index type);
// By labels of the sessions, all of whose events are known.
PurchaseSessions purchases_by_label(const Sessions& sessions, const std::vector<bool>& labels);

// The type of purchases by its usual names (purchase, transaction, buy, order, checkout), -1
// without one.
Index find_purchase_type(const IdMap& types);

// The sessions of a test in the numbers of the training, without the events of other items.
PurchaseSessions known_purchases(const PurchaseSessions& test, const Sessions& training);

// The last tenth of the sessions, at least one, and those before them.
struct PurchaseParts {
  PurchaseSessions before, last;
};
PurchaseParts last_tenth(const PurchaseSessions& all);

// The sessions that begin before a cut in time, with items of their own, and the others. Throws
// DataError for sessions without times, and where one of the parts has none.
struct PurchaseSplitInTime {
  PurchaseSessions before, after;
};
PurchaseSplitInTime purchases_in_time(const PurchaseSessions& all, const TemporalCut& cut);

// How many sessions end in a purchase. Throws DataError, its line beginning with `path`, unless
// there are such sessions and others.
Index require_both(const PurchaseSessions& sessions, const std::string& path);

}  // namespace tapegrad::apps
