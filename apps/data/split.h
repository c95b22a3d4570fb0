#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/ranking_case.h>
#include <tapegrad/apps/data/user_items.h>
#include <string>
#include <vector>

namespace tapegrad::apps {

// Events to train on and the cases to test on, with what a result must say about them.
struct Split {
  Interactions training;           // its id maps hold all users and items, those of the test too
  std::vector<RankingCase> cases;  // in the order of the users
  std::string protocol;     // "ncf", "loo", "temporal" with its fraction, "none", or "validation"
  std::string description;  // the protocol in a sentence
  std::string fingerprint;  // of the data the split was made from, 16 hexadecimal digits
  // What users had in the data, whatever became of it: it trains, it is held out, or it was no
  // like. Such items neither compete with the relevant ones of a case nor are they recommended.
  // Empty in a validation split, whose training tells.
  UserItems had;
};

// Protocol `loo`: the item of each user's last event by time is the test item, ranked among all
// items.
//
// Among events of the same time, and without times, the last in the file counts. Earlier events of
// the same user and item leave the training too, so that the test item is new to the model. Users
// with fewer than 3 events, or with one item only, stay in the training. Throws DataError when no
// user can be tested.
Split leave_one_out_split(const Interactions& interactions);

// Protocol `temporal`: the last `fraction` of all events by time (rounded, at least one; ties in
// file order) is the test.
//
// For each user with training events the distinct items of its test events that are not in its
// training are relevant, ranked among all items not in its training; items that no training event
// has can be among them. Throws OptionError unless 0 < fraction < 1, DataError for events without
// times and when no user can be tested.
Split temporal_split(const Interactions& interactions, double fraction = 0.1);

// Protocol `none`: all events train, nothing is tested.
Split whole_split(const Interactions& interactions);

}  // namespace tapegrad::apps
