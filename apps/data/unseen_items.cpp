#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/data/unseen_items.h>
#include <algorithm>
#include <set>

namespace tapegrad::apps {
namespace {

// `count` distinct numbers below `bound` (R. Floyd, in Bentley's "Programming Pearls", 1987).
std::set<Index> sample_below(Index bound, Index count, std::uint64_t state) {
  std::set<Index> chosen;
  for (Index last = bound - count; last < bound; ++last) {
    state = mix_bits(state);
    // The bias of the modulo is below bound / 2^64.
    const auto drawn = static_cast<Index>(state % static_cast<std::uint64_t>(last + 1));
    if (!chosen.insert(drawn).second) chosen.insert(last);
  }
  return chosen;
}

}  // namespace

std::vector<std::int32_t> sample_unseen_items(const UserItems& pairs, Index user, Index count,
                                              std::uint64_t seed) {
  const std::span<const std::int32_t> seen = pairs.of(user);
  const Index unseen = pairs.item_count() - static_cast<Index>(seen.size());
  std::vector<std::int32_t> result;
  auto next_seen = seen.begin();
  Index passed = 0;
  for (const Index rank : sample_below(unseen, std::min(count, unseen),
                                       combine_bits(seed, static_cast<std::uint64_t>(user)))) {
    // The item of this rank lies behind as many seen items as there are up to it.
    while (next_seen != seen.end() && *next_seen <= rank + passed) {
      ++next_seen;
      ++passed;
    }
    result.push_back(static_cast<std::int32_t>(rank + passed));
  }
  return result;
}

}  // namespace tapegrad::apps
