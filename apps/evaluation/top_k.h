// The best of many scores.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

struct Scored {
  std::int32_t item = 0;
  float score = 0.0F;
};

// The k best items, best first, equal ones by number; without those that are left out and those
// whose score is NaN. Fewer where there are not so many. Throws OptionError unless k is positive.
std::vector<Scored> best_scores(std::span<const float> scores, int k,
                                const std::function<bool(std::int32_t item)>& left_out);

// The user's; items that it `had` are left out unless `include_had`. Throws OptionError for a user
// who is not among these.
std::vector<Scored> top_k(const Recommender& recommender, std::int32_t user, const UserItems& had,
                          int k, bool include_had = false);

}  // namespace tapegrad::apps
