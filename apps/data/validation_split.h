#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <cstdint>

namespace tapegrad::apps {

struct ValidationOptions {
  Index negatives = 0;  // sampled competitors a user; 0: full ranking
  // Whether a tenth of all events is held out, drawn by hash, whoever's they are: for models that
  // predict ratings.
  bool tenth_of_events = false;
  Index max_users = 0;     // test at most that many users, chosen by seed; 0: all
  std::uint64_t seed = 1;  // of the users, the negatives and, without times, the held-out items
};

// Protocol `validation`: holds a part of a split's training out of it, so that options can be
// chosen without looking at the test. A part that was given for it (Split::validation) is taken as
// it is.
//
// Of protocol `temporal` it is as large a part of the training, the last by time, as the test is of
// all (unless a tenth of the events is asked for); of the cold protocols a part of the training's
// items or users. Otherwise it is one item of each user: with times the item of the user's last
// training target, otherwise the item with the least hash of seed, user and item. Users, repeated
// pairs and the rest are treated as in the split; users not chosen keep all events. The negatives
// are items that the user has no training event with. Throws DataError when no user can be tested.
Split validation_split(const Split& split, const ValidationOptions& options = {});

}  // namespace tapegrad::apps
