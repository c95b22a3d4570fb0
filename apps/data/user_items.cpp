#include <tapegrad/apps/data/user_items.h>

#include <tapegrad/apps/data/listed_pairs.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace tapegrad::apps {
namespace {

// Sorts the pairs of one user by item, the greatest weight of an item first, and keeps the first of
// each item. Returns how many are kept.
std::size_t keep_heaviest(std::span<std::int32_t> items, std::span<float> weights) {
  std::vector<std::pair<std::int32_t, float>> pairs;
  pairs.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) pairs.emplace_back(items[i], weights[i]);
  std::ranges::sort(pairs, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  std::size_t kept = 0;
  for (const auto& [item, weight] : pairs) {
    if (kept > 0 && items[kept - 1] == item) continue;
    items[kept] = item;
    weights[kept++] = weight;
  }
  return kept;
}

std::size_t keep_distinct(std::span<std::int32_t> items) {
  std::ranges::sort(items);
  return static_cast<std::size_t>(std::unique(items.begin(), items.end()) - items.begin());
}

}  // namespace

UserItems::UserItems(Index user_count, Index item_count, std::span<const std::int32_t> users,
                     std::span<const std::int32_t> items, std::span<const float> weights,
                     double unit)
    : item_count_(item_count), offsets_(static_cast<std::size_t>(user_count) + 1, 0) {
  take(users, items, weights);
  if (weights_.empty()) return;
  const double mean =
      std::accumulate(weights_.begin(), weights_.end(), 0.0) / static_cast<double>(weights_.size());
  unit_ = unit * mean;
  for (float& weight : weights_) weight = static_cast<float>(static_cast<double>(weight) / mean);
}

UserItems UserItems::as_saved(Index user_count, Index item_count,
                              std::span<const std::int32_t> users,
                              std::span<const std::int32_t> items, std::span<const float> weights,
                              double unit) {
  UserItems result;
  result.item_count_ = item_count;
  result.unit_ = unit;
  result.offsets_.assign(static_cast<std::size_t>(user_count) + 1, 0);
  result.take(users, items, weights);
  return result;
}

void UserItems::take(std::span<const std::int32_t> users, std::span<const std::int32_t> items,
                     std::span<const float> weights) {
  for (const std::int32_t user : users) ++offsets_[static_cast<std::size_t>(user) + 1];
  for (std::size_t user = 1; user < offsets_.size(); ++user) offsets_[user] += offsets_[user - 1];
  std::vector<Index> next(offsets_.begin(), offsets_.end() - 1);
  items_.resize(users.size());
  weights_.resize(weights.size());
  for (std::size_t row = 0; row < users.size(); ++row) {
    const auto slot = static_cast<std::size_t>(next[static_cast<std::size_t>(users[row])]++);
    items_[slot] = items[row];
    if (!weights.empty()) weights_[slot] = weights[row];
  }
  keep_distinct();
}

// Compacts in place: what is kept never runs ahead of what is looked at.
void UserItems::keep_distinct() {
  std::size_t kept = 0;
  for (std::size_t user = 0; user + 1 < offsets_.size(); ++user) {
    const auto begin = static_cast<std::size_t>(offsets_[user]);
    const auto own = static_cast<std::size_t>(offsets_[user + 1]) - begin;
    offsets_[user] = static_cast<Index>(kept);
    const auto items = std::span(items_).subspan(begin, own);
    std::size_t count = 0;
    if (weights_.empty()) {
      count = apps::keep_distinct(items);
    } else {
      const auto weights = std::span(weights_).subspan(begin, own);
      count = keep_heaviest(items, weights);
      std::copy_n(weights.begin(), count, weights_.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    std::copy_n(items.begin(), count, items_.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += count;
  }
  offsets_.back() = static_cast<Index>(kept);
  items_.resize(kept);
  if (!weights_.empty()) weights_.resize(kept);
}

UserItems::UserItems(const Interactions& interactions)
    : UserItems(interactions.user_ids.size(), interactions.item_ids.size(), interactions.users,
                interactions.items, interactions.weights) {}

UserItems UserItems::of_targets(const Interactions& interactions) {
  std::vector<std::int32_t> users, items;
  for (std::size_t row = 0; row < interactions.users.size(); ++row) {
    if (!interactions.is_target(row)) continue;
    users.push_back(interactions.users[row]);
    items.push_back(interactions.items[row]);
  }
  return {interactions.user_ids.size(), interactions.item_ids.size(), users, items};
}

std::span<const std::int32_t> UserItems::of(Index user) const {
  const auto at = static_cast<std::size_t>(user);
  return std::span(items_).subspan(static_cast<std::size_t>(offsets_[at]),
                                   static_cast<std::size_t>(offsets_[at + 1] - offsets_[at]));
}

std::span<const float> UserItems::weights_of(Index user) const {
  if (weights_.empty()) return {};
  const auto at = static_cast<std::size_t>(user);
  return std::span(weights_).subspan(static_cast<std::size_t>(offsets_[at]),
                                     static_cast<std::size_t>(offsets_[at + 1] - offsets_[at]));
}

bool UserItems::contains(Index user, Index item) const {
  const std::span<const std::int32_t> items = of(user);
  return std::binary_search(items.begin(), items.end(), static_cast<std::int32_t>(item));
}

std::vector<Index> UserItems::item_user_counts() const {
  std::vector<Index> counts(static_cast<std::size_t>(item_count_), 0);
  for (const std::int32_t item : items_) ++counts[static_cast<std::size_t>(item)];
  return counts;
}

std::vector<double> UserItems::item_weights() const {
  std::vector<double> sums(static_cast<std::size_t>(item_count_), 0.0);
  for (std::size_t pair = 0; pair < items_.size(); ++pair) {
    sums[static_cast<std::size_t>(items_[pair])] +=
        weights_.empty() ? 1.0 : static_cast<double>(weights_[pair]);
  }
  return sums;
}

std::vector<bool> users_with_items(const UserItems& pairs) {
  std::vector<bool> has_items;
  for (Index user = 0; user < pairs.user_count(); ++user)
    has_items.push_back(!pairs.of(user).empty());
  return has_items;
}

std::vector<bool> items_with_users(const UserItems& pairs) {
  std::vector<bool> has_users;
  for (const Index count : pairs.item_user_counts()) has_users.push_back(count > 0);
  return has_users;
}

UserItems transposed(const UserItems& pairs) {
  const ListedPairs listed = listed_pairs(pairs);
  return {pairs.item_count(), pairs.user_count(), listed.items, listed.users, listed.weights};
}

}  // namespace tapegrad::apps
