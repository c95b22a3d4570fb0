#include <tapegrad/apps/models/stored_vectors.h>

#include <algorithm>

namespace tapegrad::apps {

StoredVectors::StoredVectors(const FeaturedEmbedding& embedding) {
  if (embedding.has_features()) {
    *this = StoredVectors(embedding.count(), embedding.width(),
                          [&](Tape& tape, std::span<const std::int32_t> entities) {
                            return embedding(tape, entities);
                          });
  } else {
    values_ = embedding.ids().weight().value().values<float>();
  }
}

StoredVectors::StoredVectors(
    Index count, Index width,
    const std::function<Tensor(Tape&, std::span<const std::int32_t>)>& vectors_of) {
  // Pieces of one size, so that a vector's bits do not depend on where it stands.
  constexpr Index piece = 256;
  auto values = std::make_shared<std::vector<float>>();
  values->reserve(static_cast<std::size_t>(count * width));
  Tape tape({.threads = 1, .training = false});
  std::vector<std::int32_t> entities(piece, 0);
  for (Index first = 0; first < count; first += piece) {
    const Index here = std::min(piece, count - first);
    for (Index i = 0; i < piece; ++i)
      entities[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i < here ? first + i : 0);
    tape.clear();
    const Tensor computed = vectors_of(tape, entities);
    const auto own = computed.values<float>().first(static_cast<std::size_t>(here * width));
    values->insert(values->end(), own.begin(), own.end());
  }
  values_ = *values;
  kept_ = std::move(values);
}

}  // namespace tapegrad::apps
