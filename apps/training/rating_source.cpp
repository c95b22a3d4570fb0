#include <tapegrad/apps/training/rating_source.h>

#include <algorithm>
#include <cmath>
#include <span>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

RatingSource::RatingSource(const InteractionModel& model, const Interactions& events,
                           const PairSourceOptions& options)
    : model_(model), events_(events), options_(options) {
  if (!model.predicts_ratings())
    throw OptionError("the loss squared needs a model that predicts ratings: mf");
  rows_.resize(static_cast<std::size_t>(events.user_ids.size()));
  for (std::size_t row = 0; row < events.ratings.size(); ++row) {
    if (!std::isfinite(events.ratings[row])) continue;
    rows_[static_cast<std::size_t>(events.users[row])].push_back(static_cast<std::int32_t>(row));
    ++ratings_in_all_;
  }
  for (std::size_t user = 0; user < rows_.size(); ++user) {
    if (!rows_[user].empty()) order_.push_back(static_cast<std::int32_t>(user));
  }
  if (order_.empty()) throw DataError("the loss squared needs ratings, and the events have none");
}

void RatingSource::begin_epoch(int epoch) {
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  std::ranges::sort(order_);
  random.shuffle(std::span(order_));
  taken_ = 0;
}

bool RatingSource::next() {
  users_.clear();
  items_.clear();
  ratings_.clear();
  while (taken_ < order_.size() && samples() < options_.batch) {
    const std::int32_t user = order_[taken_++];
    for (const std::int32_t row : rows_[static_cast<std::size_t>(user)]) {
      users_.push_back(user);
      items_.push_back(events_.items[static_cast<std::size_t>(row)]);
      ratings_.push_back(events_.ratings[static_cast<std::size_t>(row)]);
    }
  }
  return !ratings_.empty();
}

Tensor RatingSource::loss(Tape& tape) {
  return mean_squared_error(model_.logits(tape, users_, items_), tape.input(ratings_, {samples()}));
}

}  // namespace tapegrad::apps
