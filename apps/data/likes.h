// Which events say that a user likes an item, and how much they count.
#pragma once

#include <optional>
#include <string>

#include <tapegrad/apps/data/event_weights.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/returns.h>

namespace tapegrad::apps {

struct LikeOptions {
  // A row with a lower rating is no like; nothing: every row is one, whatever its rating, since
  // somebody chose to rate, to buy, to look. A rating of 0 often means that there was none.
  std::optional<double> min_rating{};
  // Events of a type with weight 0 are no likes. Those of the greatest weight are targets: they are
  // what is held out, tested and not recommended again; the others only teach. Nothing: all events
  // are targets and weigh the same.
  std::optional<EventWeights> event_weights{};
  // Seconds after which an event weighs half: its weight is times 2^(-age / half_life), the age
  // counted back from the last event. Nothing: age does not matter.
  std::optional<double> half_life{};

  // Whether events count differently.
  bool has_weights() const { return event_weights || half_life; }
};

// The events that are likes, with their weights and targets. Returns and the purchases that they
// take back are no likes. Ids keep their numbers. Throws DataError where no event is a like,
// and for a half-life where the events have no times.
Interactions likes_of(const Interactions& events, const Returns& returns,
                      const LikeOptions& options = {});

// Throws DataError where no like is a target: nothing could be predicted.
void require_targets(const Interactions& likes, const LikeOptions& options);

// Counts the ages of likes from another time, as if the last event had been then.
void weigh_at(Interactions& likes, double time, double half_life);

// What is a like and how it weighs, in words, such as "every event" or "a rating of 3.5 or more,
// weights cart=3,view=1, half-life 90 days".
std::string describe_likes(const LikeOptions& options);

// The mean of the ratings, of those that are numbers; 0 without any.
double mean_rating(const Interactions& events);

// How many ratings are 0 or below; of those that are no numbers none.
Index count_not_positive(const Interactions& events);

}  // namespace tapegrad::apps
