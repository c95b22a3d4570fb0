#pragma once

#include <cstdint>
#include <vector>

namespace tapegrad::apps {

// One question of a ranking test: how high does `user` get its `relevant` items among their
// competitors?
struct RankingCase {
  std::int32_t user = 0;
  std::vector<std::int32_t> relevant;  // distinct items, at least one
  // Distinct competitors, none relevant; empty: all items that the user did not have.
  std::vector<std::int32_t> candidates;
};

}  // namespace tapegrad::apps
