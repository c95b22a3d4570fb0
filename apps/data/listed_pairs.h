// The pairs of users and items as parallel lists.
#pragma once

#include <cstdint>
#include <vector>

#include <tapegrad/apps/data/user_items.h>

namespace tapegrad::apps {

// One entry a pair, by user and then by item; no weights where all pairs count 1.
struct ListedPairs {
  std::vector<std::int32_t> users, items;
  std::vector<float> weights;
};
ListedPairs listed_pairs(const UserItems& pairs);

}  // namespace tapegrad::apps
