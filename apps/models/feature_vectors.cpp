#include <tapegrad/apps/models/feature_vectors.h>

#include <utility>
#include <vector>

namespace tapegrad::apps {

FeatureVectors::FeatureVectors(const Scope& scope, std::shared_ptr<const EntityFeatures> features,
                               Index width)
    : features_(std::move(features)),
      weights_(scope, features_->vocabulary(), width, {.weight = nn::zeros()}) {}

Tensor FeatureVectors::operator()(Tape& tape, std::span<const std::int32_t> entities) const {
  std::vector<std::int32_t> places;
  std::vector<float> values;
  for (const std::int32_t entity : entities) {
    const auto own_places = features_->places(entity);
    const auto own_values = features_->values(entity);
    places.insert(places.end(), own_places.begin(), own_places.end());
    values.insert(values.end(), own_values.begin(), own_values.end());
  }
  const auto count = static_cast<Index>(entities.size());
  const Index length = features_->length(), width = weight().shape()[1];
  // Rows of one length, so that tapes of batches have one structure.
  const Tensor rows = reshape(weights_(tape, places), {count, length, width});
  return sum(rows * tape.input(values, {count, length, 1}), {1});
}

}  // namespace tapegrad::apps
