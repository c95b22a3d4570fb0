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
  for (std::size_t row = 0; row < events.ratings.size(); ++row) {
    if (std::isfinite(events.ratings[row])) order_.push_back(static_cast<std::int32_t>(row));
  }
  if (order_.empty())
    throw DataError("the loss squared needs ratings: the events have a column of them or none");
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
  const std::size_t end =
      std::min(order_.size(), taken_ + static_cast<std::size_t>(options_.batch));
  for (; taken_ < end; ++taken_) {
    const auto row = static_cast<std::size_t>(order_[taken_]);
    users_.push_back(events_.users[row]);
    items_.push_back(events_.items[row]);
    ratings_.push_back(events_.ratings[row]);
  }
  return !ratings_.empty();
}

Tensor RatingSource::loss(Tape& tape) {
  return mean_squared_error(model_.logits(tape, users_, items_), tape.input(ratings_, {samples()}));
}

}  // namespace tapegrad::apps
