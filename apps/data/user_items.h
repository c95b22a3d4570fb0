#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/graph/dtype.h>
#include <cstdint>
#include <span>
#include <vector>

namespace tapegrad::apps {

// Implicit feedback: for each user the distinct items of its events, ascending (compressed sparse
// rows).
class UserItems {
 public:
  UserItems() = default;

  // From parallel arrays of user and item numbers, each below its count; repeated pairs count once.
  UserItems(Index user_count, Index item_count, std::span<const std::int32_t> users,
            std::span<const std::int32_t> items);

  // From events; the counts are those of the id maps, so users and items without events are there
  // too.
  explicit UserItems(const Interactions& interactions);

  Index user_count() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index item_count() const { return item_count_; }

  // The number of distinct (user, item) pairs.
  Index size() const { return static_cast<Index>(items_.size()); }

  // The distinct items of a user, ascending.
  std::span<const std::int32_t> of(Index user) const;

  bool contains(Index user, Index item) const;

  // For each item its number of distinct users.
  std::vector<Index> item_user_counts() const;

 private:
  Index item_count_ = 0;
  std::vector<Index> offsets_{0};
  std::vector<std::int32_t> items_;
};

}  // namespace tapegrad::apps
