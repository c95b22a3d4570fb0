#pragma once

#include <cstdint>
#include <span>

namespace tapegrad::apps {

// A trained model that scores items for a user, higher is better; one const recommender is used
// from many threads.
class Recommender {
 public:
  Recommender() = default;
  Recommender(const Recommender&) = default;
  Recommender& operator=(const Recommender&) = default;
  virtual ~Recommender() = default;

  // Writes one score for each of `items`, or for every item by number where `items` is empty;
  // `scores` has that size. An item's score must not depend on which other items are asked for.
  virtual void score(std::int32_t user, std::span<const std::int32_t> items,
                     std::span<float> scores) const = 0;
};

}  // namespace tapegrad::apps
