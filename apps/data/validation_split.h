#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <cstdint>

namespace tapegrad::apps {

struct ValidationOptions {
  Index negatives = 0;     // sampled competitors a user; 0: full ranking
  Index max_users = 0;     // test at most that many users, chosen by seed; 0: all
  std::uint64_t seed = 1;  // of the users, the negatives and, without times, the held-out items
};

// Protocol `validation`: holds one item of each user out of the training part, so that options can
// be chosen without looking at the test.
//
// With times it is the item of the user's last training event, otherwise the item with the least
// hash of seed, user and item. Users, repeated pairs and the rest are treated as in
// leave_one_out_split; users not chosen keep all events. The negatives are items that the user has
// no training event with. Throws DataError when no user can be tested.
Split validation_split(const Interactions& training, const ValidationOptions& options = {});

}  // namespace tapegrad::apps
