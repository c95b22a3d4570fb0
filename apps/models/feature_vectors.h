// Vectors of users or items that come from their features alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/features.h>

namespace tapegrad::apps {

//   vector(e) = Σ_f value_f(e) F[f],   F [vocabulary, width]
// Parameter "weight", which begins with zeros.
class FeatureVectors {
 public:
  FeatureVectors(const Scope& scope, std::shared_ptr<const EntityFeatures> features, Index width);

  const EntityFeatures& features() const { return *features_; }
  const Parameter& weight() const { return weights_.weight(); }
  // [entities, width].
  Tensor operator()(Tape& tape, std::span<const std::int32_t> entities) const;

 private:
  std::shared_ptr<const EntityFeatures> features_;
  nn::Embedding weights_;
};

}  // namespace tapegrad::apps
