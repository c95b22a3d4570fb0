// Vectors of users or items that come from who they are and from what they are like.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/models/feature_vectors.h>
#include <tapegrad/apps/models/input_parts.h>

namespace tapegrad::apps {

//   vector(e) = E[e] + Σ_f value_f(e) F[f],   E [count, width], F [vocabulary, width]
// Without features it is an embedding alone, with the parameter "weight"; with them there is also
// "features/weight", which begins with zeros. Then the rows E of users and items without training
// events begin with zeros, too: these are known by their features alone.
class FeaturedEmbedding {
 public:
  // Whose rows of E begin with zeros; all others begin with normal numbers.
  enum class Zeros { without_event_if_featured, without_event };

  // `has_event` says of each user or item whether there are training events.
  FeaturedEmbedding(const Scope& scope, const std::vector<bool>& has_event, Index width,
                    double deviation, std::shared_ptr<const EntityFeatures> features = nullptr,
                    Zeros zeros = Zeros::without_event_if_featured);

  Index count() const { return count_; }
  Index width() const { return width_; }
  bool has_features() const { return features_.has_value(); }
  const nn::Embedding& ids() const { return ids_; }

  // [entities, width]; of all where `entities` is empty.
  Tensor operator()(Tape& tape, std::span<const std::int32_t> entities) const;
  // The parts of an entity's vector: its own row as `id`, and its features as `feature`.
  void append_parts(std::vector<InputPart>& parts, InputKind id, InputKind feature,
                    std::int32_t entity) const;
  // Their sum by their strengths: [1, width].
  Tensor of_parts(Tape& tape, const WeightedParts& parts, InputKind id, InputKind feature) const;
  // The two parts by themselves; that of the features must be there.
  Tensor of_ids(Tape& tape, std::span<const std::int32_t> entities) const;
  Tensor of_features(Tape& tape, std::span<const std::int32_t> entities) const;

 private:
  Index count_, width_;
  nn::Embedding ids_;
  std::optional<FeatureVectors> features_;
};

// The parts of a user's and an item's vector; none for somebody who is no user of the model.
std::vector<InputPart> pair_parts(const FeaturedEmbedding& users, const FeaturedEmbedding& items,
                                  const Subject& subject, std::int32_t item);

}  // namespace tapegrad::apps
