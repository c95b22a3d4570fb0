// The vector of somebody who was not trained with, in a model of products and a softmax.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

// With the vectors q [items, width] and biases b of the items fixed, the vector u that minimises
//   -Σ_{i in history} w_i log softmax(Q u + b)_i + ρ/2 |u|²,
// by Newton's method with conjugate gradients. The ridge ρ is the one under which the vectors of
// the trained users are nearest to their own minimum: of a sample of users with gradients g of the
// first term, ρ = -Σ ⟨g, u⟩ / Σ |u|².
class SoftmaxFoldIn {
 public:
  // The spans must outlive it. `users` [users, width] are the trained vectors, `pairs` what they
  // were trained on.
  SoftmaxFoldIn(std::span<const float> users, std::span<const float> items,
                std::span<const float> biases, std::shared_ptr<const UserItems> pairs);
  // False without a history.
  bool operator()(const Person& person, std::span<float> vector) const;

  // Found when it is first wanted.
  double ridge() const;

 private:
  struct Ridge;
  std::span<const float> users_, items_, biases_;
  std::shared_ptr<const UserItems> pairs_;
  std::shared_ptr<Ridge> ridge_;
};

}  // namespace tapegrad::apps
