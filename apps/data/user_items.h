#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/graph/dtype.h>
#include <cstdint>
#include <span>
#include <vector>

namespace tapegrad::apps {

// Implicit feedback: for each user the distinct items of its events, ascending, and how much each
// counts (compressed sparse rows).
class UserItems {
 public:
  UserItems() = default;

  // From parallel arrays of user and item numbers, each below its count; repeated pairs count once.
  // `weights` has one for each pair, or none where all count the same: a pair that comes more than
  // once has the greatest of its weights. Weights only count relative to each other: they are
  // scaled to a mean of 1 over the distinct pairs. `unit` is what a weight of 1 stands for.
  UserItems(Index user_count, Index item_count, std::span<const std::int32_t> users,
            std::span<const std::int32_t> items, std::span<const float> weights = {},
            double unit = 1.0);

  // From events; the counts are those of the id maps, so users and items without events are there
  // too.
  explicit UserItems(const Interactions& interactions);

  // From the pairs and weights of one of these, whose weights keep their bits.
  static UserItems as_saved(Index user_count, Index item_count, std::span<const std::int32_t> users,
                            std::span<const std::int32_t> items, std::span<const float> weights,
                            double unit);

  // The same of the events that are targets, without weights.
  static UserItems of_targets(const Interactions& interactions);

  Index user_count() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index item_count() const { return item_count_; }

  // The number of distinct (user, item) pairs.
  Index size() const { return static_cast<Index>(items_.size()); }

  // The distinct items of a user, ascending.
  std::span<const std::int32_t> of(Index user) const;

  // What these count, parallel to of(); empty where all pairs count 1.
  std::span<const float> weights_of(Index user) const;
  bool has_weights() const { return !weights_.empty(); }
  // What a weight of 1 stands for: the mean of the weights that these were made from, in the unit
  // that those had. 1 without weights.
  double unit() const { return unit_; }

  bool contains(Index user, Index item) const;

  // For each item its number of distinct users, and the sum of its weights.
  std::vector<Index> item_user_counts() const;
  std::vector<double> item_weights() const;

 private:
  void take(std::span<const std::int32_t> users, std::span<const std::int32_t> items,
            std::span<const float> weights);
  void keep_distinct();

  Index item_count_ = 0;
  std::vector<Index> offsets_{0};
  std::vector<std::int32_t> items_;
  std::vector<float> weights_;
  double unit_ = 1.0;
};

// Which users have an item, and which items a user.
std::vector<bool> users_with_items(const UserItems& pairs);
std::vector<bool> items_with_users(const UserItems& pairs);

// The same pairs the other way round: the "items" of an item are its users.
UserItems transposed(const UserItems& pairs);

}  // namespace tapegrad::apps
