#include <tapegrad/apps/data/likes.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

Interactions likes_of(const Interactions& events, const Returns& returns,
                      std::optional<double> min_rating) {
  Interactions likes;
  likes.user_ids = events.user_ids;
  likes.item_ids = events.item_ids;
  for (Index row = 0; row < events.size(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    const bool is_rated = !min_rating || static_cast<double>(events.ratings[at]) >= *min_rating;
    if (is_rated && returns.is_kept[at]) append_event(likes, events, row);
  }
  if (likes.size() == 0) {
    throw DataError(
        min_rating ? fmt::format("expected an event with {}, got none", describe_likes(min_rating))
                   : "expected a purchase that was kept, got none");
  }
  return likes;
}

std::string describe_likes(std::optional<double> min_rating) {
  return min_rating ? fmt::format("a rating of {} or more", *min_rating) : "every event";
}

Index count_not_positive(const Interactions& events) {
  return std::ranges::count_if(events.ratings, [](float rating) { return rating <= 0.0F; });
}

}  // namespace tapegrad::apps
