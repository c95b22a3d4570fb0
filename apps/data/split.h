#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/ranking_case.h>
#include <tapegrad/apps/data/tested_events.h>
#include <tapegrad/apps/data/user_items.h>
#include <memory>
#include <string>
#include <vector>

namespace tapegrad::apps {

// Whether an item that a user had before can be relevant again.
enum class Repeats {
  drop,  // no: only items that are new to the user are tested, and what it had does not compete
  keep   // yes: it counts as a hit, and what the user had competes
};

// From "drop" or "keep"; throws OptionError for another word.
Repeats repeats_of(const std::string& word);

// As a result says it, such as "repeated items dropped".
std::string describe(Repeats repeats);

// Events to train on and the cases to test on, with what a result must say about them.
struct Split {
  Interactions training;  // its id maps hold all users and items, those of the test too
  // Of the training; made once.
  std::shared_ptr<const UserItems> pairs = std::make_shared<const UserItems>();
  Index test_events = 0;           // how many of the events are no training
  std::vector<RankingCase> cases;  // in the order of the users
  TestedEvents tested;             // with the ratings and the money of the cases
  std::string protocol;     // "ncf", "loo", "temporal" with its cut, "files", "none", "validation"
  std::string description;  // the protocol in a sentence
  std::string fingerprint;  // of the data the split was made from, 16 hexadecimal digits
  Repeats repeats = Repeats::drop;
  // What users had in the data, whatever became of it: it trains, it is held out, or it was no
  // like. It is not recommended, and with Repeats::drop does not compete. Of typed events only
  // targets are had.
  std::shared_ptr<const UserItems> had = std::make_shared<const UserItems>();
  // What a reader of the result should know of the data: repeats that were dropped, equal times,
  // events in both parts; a sentence each.
  std::vector<std::string> notes;
  // The part of the training that options are chosen on, where it was given (protocol files): the
  // rest of the training, with the cases of that part.
  std::shared_ptr<const Split> validation;

  // The items that do not compete with a case's relevant ones.
  std::shared_ptr<const UserItems> not_competing() const;
};

// Protocol `loo`: the item of each user's last event by time is the test item, ranked among all
// items.
//
// Among events of the same time, and without times, the last in the file counts. With Repeats::drop
// earlier events of the same user and item leave the training too, so that the test item is new to
// the model. Users with fewer than 3 events, or with one item only, stay in the training. Of typed
// events the last target is held out. Throws DataError when no user can be tested.
Split leave_one_out_split(const Interactions& interactions, Repeats repeats = Repeats::drop);

// Protocol `none`: all events train, nothing is tested.
Split whole_split(const Interactions& interactions);

}  // namespace tapegrad::apps
