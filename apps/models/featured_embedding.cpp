#include <tapegrad/apps/models/featured_embedding.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace tapegrad::apps {

namespace {

// Random rows for those that have training events, zeros for the others.
Initialiser random_where(std::vector<bool> has_event, double deviation) {
  return [has_event = std::move(has_event), deviation](Array& values, Random& random) {
    nn::normal(0.0, deviation)(values, random);
    const auto numbers = values.values<float>();
    const std::size_t width = numbers.size() / std::max<std::size_t>(1, has_event.size());
    for (std::size_t row = 0; row < has_event.size(); ++row) {
      if (!has_event[row]) std::ranges::fill(numbers.subspan(row * width, width), 0.0F);
    }
  };
}

}  // namespace

FeaturedEmbedding::FeaturedEmbedding(const Scope& scope, const std::vector<bool>& has_event,
                                     Index width, double deviation,
                                     std::shared_ptr<const EntityFeatures> features, Zeros zeros)
    : count_(static_cast<Index>(has_event.size())),
      width_(width),
      ids_(scope, count_, width,
           {.weight = features || zeros == Zeros::without_event ? random_where(has_event, deviation)
                                                                : nn::normal(0.0, deviation)}) {
  if (features) features_.emplace(scope / "features", std::move(features), width);
}

Tensor FeaturedEmbedding::of_ids(Tape& tape, std::span<const std::int32_t> entities) const {
  return entities.empty() ? tape(ids_.weight()) : ids_(tape, entities);
}

Tensor FeaturedEmbedding::of_features(Tape& tape, std::span<const std::int32_t> given) const {
  std::vector<std::int32_t> all;
  if (given.empty()) {
    all.resize(static_cast<std::size_t>(count_));
    std::iota(all.begin(), all.end(), 0);
  }
  const std::span<const std::int32_t> entities =
      given.empty() ? std::span<const std::int32_t>(all) : given;
  return (*features_)(tape, entities);
}

void FeaturedEmbedding::append_parts(std::vector<InputPart>& parts, InputKind id, InputKind feature,
                                     std::int32_t entity) const {
  parts.push_back({id, entity});
  if (!features_) return;
  const auto places = features_->features().places(entity);
  const auto values = features_->features().values(entity);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (values[i] != 0.0F) parts.push_back({feature, places[i], values[i]});
  }
}

Tensor FeaturedEmbedding::of_parts(Tape& tape, const WeightedParts& parts, InputKind id,
                                   InputKind feature) const {
  const Tensor ids = parts.sum(tape, id, ids_.weight());
  return features_ ? ids + parts.sum(tape, feature, features_->weight()) : ids;
}

Tensor FeaturedEmbedding::operator()(Tape& tape, std::span<const std::int32_t> entities) const {
  const Tensor ids = of_ids(tape, entities);
  return features_ ? ids + of_features(tape, entities) : ids;
}

std::vector<InputPart> pair_parts(const FeaturedEmbedding& users, const FeaturedEmbedding& items,
                                  const Subject& subject, std::int32_t item) {
  std::vector<InputPart> parts;
  if (subject.user < 0) return parts;
  users.append_parts(parts, InputKind::user, InputKind::user_feature, subject.user);
  items.append_parts(parts, InputKind::item, InputKind::item_feature, item);
  return parts;
}

}  // namespace tapegrad::apps
