#include <tapegrad/apps/data/likes.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

void weigh_types(Interactions& events, std::vector<bool>& kept, const EventWeights& weights) {
  const std::vector<double> of_type = weights.of_types(events.type_ids);
  const double heaviest = weights.heaviest();
  events.weights.resize(events.users.size());
  events.targets.resize(events.users.size());
  for (std::size_t row = 0; row < events.users.size(); ++row) {
    const double weight = of_type[static_cast<std::size_t>(events.types[row])];
    events.weights[row] = static_cast<float>(weight);
    events.targets[row] = weight == heaviest;
    kept[row] = kept[row] && weight > 0.0;
  }
}

void weigh_ages(Interactions& events, double half_life) {
  if (events.times.empty())
    throw DataError("a half-life needs a time for each event; the table has no times");
  events.weighed_at = std::ranges::max(events.times);
  events.weights.resize(events.users.size(), 1.0F);
  for (std::size_t row = 0; row < events.users.size(); ++row)
    events.weights[row] *=
        static_cast<float>(std::exp2((events.times[row] - events.weighed_at) / half_life));
}

}  // namespace

Interactions likes_of(const Interactions& events, const Returns& returns,
                      const LikeOptions& options) {
  std::vector<bool> kept = returns.is_kept;
  if (options.min_rating) {
    for (std::size_t row = 0; row < kept.size(); ++row)
      kept[row] = kept[row] && static_cast<double>(events.ratings[row]) >= *options.min_rating;
  }
  Interactions likes;
  if (options.event_weights) {
    Interactions weighed = events;
    weigh_types(weighed, kept, *options.event_weights);
    likes = subset(weighed, kept);
  } else {
    likes = subset(events, kept);
  }
  if (likes.size() == 0) {
    throw DataError(
        options.min_rating || options.event_weights
            ? fmt::format("expected an event with {}, got none", describe_likes(options))
            : "expected a purchase that was kept, got none");
  }
  if (options.half_life) weigh_ages(likes, *options.half_life);
  return likes;
}

void require_targets(const Interactions& likes, const LikeOptions& options) {
  if (!likes.targets.empty() && std::ranges::count(likes.targets, true) == 0)
    throw DataError(
        fmt::format("expected an event of the type with the greatest weight ({}), got none",
                    options.event_weights->text()));
}

void weigh_at(Interactions& likes, double time, double half_life) {
  const double factor = std::exp2((likes.weighed_at - time) / half_life);
  for (float& weight : likes.weights)
    weight = static_cast<float>(factor * static_cast<double>(weight));
  likes.weighed_at = time;
}

std::string describe_likes(const LikeOptions& options) {
  std::vector<std::string> parts;
  if (options.min_rating)
    parts.push_back(fmt::format("a rating of {} or more", *options.min_rating));
  if (options.event_weights) parts.push_back("weights " + options.event_weights->text());
  if (options.half_life)
    parts.push_back(fmt::format("a half-life of {} days", *options.half_life / 86400.0));
  if (!options.min_rating && !options.event_weights) parts.insert(parts.begin(), "every event");
  return fmt::format("{}", fmt::join(parts, ", "));
}

double mean_rating(const Interactions& events) {
  double sum = 0.0, count = 0.0;
  for (const float rating : events.ratings) {
    if (!std::isfinite(rating)) continue;
    sum += static_cast<double>(rating);
    count += 1.0;
  }
  return count > 0.0 ? sum / count : 0.0;
}

Index count_not_positive(const Interactions& events) {
  return std::ranges::count_if(events.ratings, [](float rating) { return rating <= 0.0F; });
}

}  // namespace tapegrad::apps
