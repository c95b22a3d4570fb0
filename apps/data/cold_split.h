// Users or items that a model was not trained with.
#pragma once

#include <string>

#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

// Protocol `cold-items`: all events of a part of the items are the test; which items is decided by
// their ids (and `salt`). Each trained user's targets among them are ranked among these items
// alone. Throws OptionError unless 0 < fraction < 1, and DataError where nobody can be tested.
Split cold_items_split(const Interactions& interactions, double fraction, std::uint64_t salt = 0);

// Protocol `cold-users`: all events of a part of the users are the test; which users is decided by
// their ids (and `salt`). Their targets are ranked among all items.
Split cold_users_split(const Interactions& interactions, double fraction, std::uint64_t salt = 0);

// "cold-items 0.2" or "cold-users 0.2", as Split::protocol has it; the fraction of one. Throws
// OptionError for another text.
double cold_fraction_of(const std::string& protocol);

}  // namespace tapegrad::apps
