#include <tapegrad/apps/models/rating_factorisation.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/stored_vectors.h>

namespace tapegrad::apps {
RatingFactorisation::RatingFactorisation(const Scope& scope, const ModelInputs& inputs,
                                         Index factors, double dropout)
    : users_(scope / "users", users_with_items(*inputs.pairs), factors, 0.1, inputs.user_features,
             FeaturedEmbedding::Zeros::without_event),
      items_(scope / "items", items_with_users(*inputs.pairs), factors, 0.1, inputs.item_features,
             FeaturedEmbedding::Zeros::without_event),
      history_(scope / "history", inputs.items(), factors,
               {.mode = nn::BagMode::sum, .weight = nn::zeros()}),
      user_biases_(scope / "user_biases", inputs.users(), 1, {.weight = nn::zeros()}),
      item_biases_(scope / "item_biases", inputs.items(), 1, {.weight = nn::zeros()}),
      // A file has the mean, but no events.
      mean_(&scope.parameter(
          "mean", {1}, nn::constant(inputs.events != nullptr ? mean_rating(*inputs.events) : 0.0))),
      dropout_(dropout),
      pairs_(inputs.pairs) {}

// A user's history is summed once, however often the user comes.
Tensor RatingFactorisation::user_vectors(Tape& tape, std::span<const std::int32_t> users) const {
  std::vector<std::int32_t> distinct(users.begin(), users.end());
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<Index> items, offsets, places;
  std::vector<float> factors;
  for (const std::int32_t user : distinct) {
    const auto own = pairs_->of(user);
    offsets.push_back(static_cast<Index>(items.size()));
    items.insert(items.end(), own.begin(), own.end());
    factors.insert(factors.end(), own.size(), 1.0F / std::sqrt(static_cast<float>(own.size())));
  }
  for (const std::int32_t user : users)
    places.push_back(std::ranges::lower_bound(distinct, user) - distinct.begin());
  if (items.empty()) return users_(tape, users);
  const Tensor sums =
      history_(tape, items, offsets, tape.input(factors, {static_cast<Index>(factors.size())}));
  return users_(tape, users) +
         gather_rows(sums, tape.ids(places, {static_cast<Index>(places.size())}));
}

Tensor RatingFactorisation::logits(Tape& tape, std::span<const std::int32_t> users,
                                   std::span<const std::int32_t> items) const {
  const Tensor product = dot(dropout(user_vectors(tape, users), dropout_), items_(tape, items));
  return product + reshape(user_biases_(tape, users), {-1}) +
         reshape(item_biases_(tape, items), {-1}) + mean(tape);
}

std::vector<InputPart> RatingFactorisation::input_parts(const Subject& subject,
                                                        std::int32_t item) const {
  std::vector<InputPart> parts = pair_parts(users_, items_, subject, item);
  if (parts.empty()) return parts;
  const auto own = pairs_->of(subject.user);
  for (const std::int32_t other : own)
    parts.push_back({InputKind::history, other, 1.0F / std::sqrt(static_cast<float>(own.size()))});
  parts.push_back({InputKind::item_bias, item});
  return parts;
}

// The user's bias goes with the user's own vector.
Tensor RatingFactorisation::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  const Tensor user = users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature) +
                      parts.sum(tape, InputKind::history, history_.weight());
  const Tensor item = items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature);
  const Tensor biases = parts.sum(tape, InputKind::user, user_biases_.weight()) +
                        parts.sum(tape, InputKind::item_bias, item_biases_.weight());
  return dot(user, item) + reshape(biases, {-1}) + mean(tape);
}

Tensor RatingFactorisation::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Tensor product =
      matmul(dropout(user_vectors(tape, users), dropout_), items_(tape, {}), {.right = true});
  return product + user_biases_(tape, users) + reshape(tape(item_biases_.weight()), {1, -1}) +
         mean(tape);
}

Tensor RatingFactorisation::mean(Tape& tape) const {
  return tape.input(mean_->value().values<float>(), {1});
}

// The bias of a user and the mean stand beside the user's vector, against a 1 beside each item's.
std::unique_ptr<const Recommender> RatingFactorisation::recommender(Index) const {
  const Index factors = users_.width();
  const auto beside = [factors](const StoredVectors& vectors, Index count, const auto& last) {
    std::vector<float> wide;
    wide.reserve(static_cast<std::size_t>(count * (factors + 1)));
    for (Index row = 0; row < count; ++row) {
      const auto own = vectors.values().subspan(static_cast<std::size_t>(row * factors),
                                                static_cast<std::size_t>(factors));
      wide.insert(wide.end(), own.begin(), own.end());
      wide.push_back(last(static_cast<std::size_t>(row)));
    }
    return wide;
  };
  const float mean = mean_->value().values<float>()[0];
  const auto user_biases = user_biases_.weight().value().values<float>();
  const auto users = std::make_shared<const std::vector<float>>(
      beside(StoredVectors(users_.count(), factors,
                           [this](Tape& tape, std::span<const std::int32_t> users_of_piece) {
                             return user_vectors(tape, users_of_piece);
                           }),
             users_.count(), [&](std::size_t user) { return user_biases[user] + mean; }));
  const std::vector<float> items =
      beside(StoredVectors(items_), items_.count(), [](std::size_t) { return 1.0F; });
  return std::make_unique<DotRecommender>(
      *users, DotScores(items, item_biases_.weight().value().values<float>(), factors + 1), nullptr,
      users);
}

}  // namespace tapegrad::apps
