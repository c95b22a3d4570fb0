// The vectors of all users or items of a trained model.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/apps/models/featured_embedding.h>

namespace tapegrad::apps {

// [count, width], row by row. Those of an embedding without features are its weights themselves,
// which must outlive it; others are computed once and kept. A small value: copies share.
class StoredVectors {
 public:
  explicit StoredVectors(const FeaturedEmbedding& embedding);
  // Computes them piece by piece; `vectors_of` gives those of some entities [entities, width].
  StoredVectors(Index count, Index width,
                const std::function<Tensor(Tape&, std::span<const std::int32_t>)>& vectors_of);

  std::span<const float> values() const { return values_; }

 private:
  std::shared_ptr<const std::vector<float>> kept_;
  std::span<const float> values_;
};

}  // namespace tapegrad::apps
