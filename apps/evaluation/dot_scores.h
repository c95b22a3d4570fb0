// Scores that are products of vectors: of users and items.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

//   score(u, i) = ⟨u, q_i⟩ + b_i
// A score's bits depend on u, q_i and b_i alone: not on how many users or items are asked for.
class DotScores {
 public:
  // Copies the vectors `items` [items, width] and the biases [items], none where that is empty.
  DotScores(std::span<const float> items, std::span<const float> biases, Index width);

  Index items() const { return count_; }
  Index width() const { return width_; }

  // Of one vector [width]: one score for each of `items`, or for all where that is empty.
  void score(std::span<const float> user, std::span<const std::int32_t> items,
             std::span<float> scores) const;
  // Of several vectors [users, width]: scores [users, items].
  void score_all(std::span<const float> users, std::span<float> scores) const;
  // The cosines of all items' vectors with that of one; 0 where a vector is 0.
  void score_similar(std::int32_t item, std::span<float> scores) const;

 private:
  Index count_ = 0, width_ = 0;
  std::size_t pitch_ = 0;       // floats from one vector to the next, whole lanes
  std::vector<float> vectors_;  // padded with zeros
  std::vector<float> biases_;
};

// The vector of somebody with this history; false where there is none.
using FoldIn = std::function<bool(const Person& person, std::span<float> vector)>;

// A recommender by such products.
class DotRecommender : public Recommender {
 public:
  // `users` [users, width], and what `fold_in` looks at, must outlive it, or be of `owner`, which
  // it keeps. Without `fold_in` it knows users by number only.
  DotRecommender(std::span<const float> users, DotScores scores, FoldIn fold_in = nullptr,
                 std::shared_ptr<const void> owner = nullptr);
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  void score_users(std::span<const std::int32_t> users, std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;
  bool score_similar(std::int32_t item, std::span<float> scores) const override;

 private:
  std::span<const float> vector_of(std::int32_t user) const;

  std::span<const float> users_;
  DotScores scores_;
  FoldIn fold_in_;
  std::shared_ptr<const void> owner_;
};

}  // namespace tapegrad::apps
