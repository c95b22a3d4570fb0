// How alike two items are, by who has them.
#pragma once

#include <cstdint>
#include <memory>

#include <tapegrad/apps/data/user_items.h>

namespace tapegrad::apps {

//   similarity(i, j) = |users of i and j| / √(|users of i| |users of j|)
// within [0, 1], 0 for items without users.
class ItemSimilarity {
 public:
  explicit ItemSimilarity(const UserItems& pairs) : users_of_(transposed(pairs)) {}
  double operator()(std::int32_t a, std::int32_t b) const;

 private:
  UserItems users_of_;
};

}  // namespace tapegrad::apps
