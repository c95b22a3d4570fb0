// Purchases that were taken back.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/data/interactions.h>

namespace tapegrad::apps {

// What a table's quantities say.
struct Returns {
  std::vector<bool> is_kept;  // one an event: a purchase of which something was kept
  Index returns = 0;          // events with a negative quantity
  Index unmatched = 0;        // returns of more than was bought before
  Index returned = 0;         // purchases that were taken back as a whole
  Index nothing = 0;          // events with a quantity of 0
};

// A negative quantity takes back as many pieces of the user's purchases of that item, the latest
// before it first: by time, among equal times and without times by their order. An event whose
// quantity is no number is a purchase of one piece. All events are kept where there are no
// quantities.
Returns find_returns(const Interactions& events);

// A line that says what became of the returns, empty where nothing did.
std::string describe_returns(const std::string& path, const Returns& returns);

}  // namespace tapegrad::apps
