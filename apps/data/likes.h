// Which events say that a user likes an item.
#pragma once

#include <optional>
#include <string>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/returns.h>

namespace tapegrad::apps {

// Without `min_rating` every event is a like, whatever its rating: somebody chose to rate, to buy,
// to look. With it those are that have at least this rating; a rating of 0 often means that there
// was none. Returns and the purchases that they take back are no likes.
//
// Ids keep their numbers. Throws DataError where no event is a like.
Interactions likes_of(const Interactions& events, const Returns& returns,
                      std::optional<double> min_rating);

// What is a like, in words, such as "every event" or "a rating of 3.5 or more".
std::string describe_likes(std::optional<double> min_rating);

// How many ratings are 0 or below; of those that are no numbers none.
Index count_not_positive(const Interactions& events);

}  // namespace tapegrad::apps
