#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <cstdint>
#include <vector>

namespace tapegrad::apps {

struct Scored {
  std::int32_t item = 0;
  float score = 0.0F;
};

/// The user's k best items, best first; items of its training are left out unless `include_seen`.
///
/// Equal scores are ordered by item number; items with a NaN score are left out. There are fewer than k where no more
/// items are left. Throws OptionError unless k >= 1 and the user is one of the training's.
std::vector<Scored> top_k(const Recommender& recommender, std::int32_t user, const UserItems& training, int k,
                          bool include_seen = false);

}  // namespace tapegrad::apps
