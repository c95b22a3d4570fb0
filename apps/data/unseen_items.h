#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/graph/dtype.h>
#include <cstdint>
#include <vector>

namespace tapegrad::apps {

// `count` distinct items that the user has no pair with, drawn evenly, ascending; all of them where
// there are no more.
//
// Depends only on the pairs, the user and the seed (Floyd's sampling of ranks among the unseen
// items).
std::vector<std::int32_t> sample_unseen_items(const UserItems& pairs, Index user, Index count,
                                              std::uint64_t seed);

}  // namespace tapegrad::apps
