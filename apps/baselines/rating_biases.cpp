#include <tapegrad/apps/baselines/rating_biases.h>

#include <cmath>

#include <tapegrad/apps/data/likes.h>

namespace tapegrad::apps {
namespace {

// The damped means of what `left` gives for the rows of each entity.
template <class Left>
std::vector<double> damped_means(const Interactions& events,
                                 const std::vector<std::int32_t>& entities, Index count,
                                 double damping, const Left& left) {
  std::vector<double> sums(static_cast<std::size_t>(count), 0.0), counts(sums.size(), damping);
  for (std::size_t row = 0; row < events.ratings.size(); ++row) {
    if (!std::isfinite(events.ratings[row])) continue;
    sums[static_cast<std::size_t>(entities[row])] += left(row);
    counts[static_cast<std::size_t>(entities[row])] += 1.0;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= counts[i];
  return sums;
}

}  // namespace

RatingBiases::RatingBiases(const Interactions& events) : mean_(mean_rating(events)) {
  constexpr double damping_of_items = 25.0, damping_of_users = 10.0;
  items_ = damped_means(
      events, events.items, events.item_ids.size(), damping_of_items,
      [&](std::size_t row) { return static_cast<double>(events.ratings[row]) - mean_; });
  users_ = damped_means(events, events.users, events.user_ids.size(), damping_of_users,
                        [&](std::size_t row) {
                          return static_cast<double>(events.ratings[row]) - mean_ -
                                 items_[static_cast<std::size_t>(events.items[row])];
                        });
}

void RatingBiases::score(std::int32_t user, std::span<const std::int32_t> items,
                         std::span<float> scores) const {
  const double of_user = mean_ + users_[static_cast<std::size_t>(user)];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t item = items.empty() ? i : static_cast<std::size_t>(items[i]);
    scores[i] = static_cast<float>(of_user + items_[item]);
  }
}

}  // namespace tapegrad::apps
