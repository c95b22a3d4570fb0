#include <tapegrad/apps/data/user_items.h>
#include <algorithm>

namespace tapegrad::apps {

UserItems::UserItems(Index user_count, Index item_count, std::span<const std::int32_t> users,
                     std::span<const std::int32_t> items)
    : item_count_(item_count), offsets_(static_cast<std::size_t>(user_count) + 1, 0) {
  for (const std::int32_t user : users) ++offsets_[static_cast<std::size_t>(user) + 1];
  for (std::size_t user = 1; user < offsets_.size(); ++user) offsets_[user] += offsets_[user - 1];
  std::vector<Index> next(offsets_.begin(), offsets_.end() - 1);
  items_.resize(users.size());
  for (std::size_t row = 0; row < users.size(); ++row) {
    Index& slot = next[static_cast<std::size_t>(users[row])];
    items_[static_cast<std::size_t>(slot++)] = items[row];
  }
  auto kept = items_.begin();
  for (std::size_t user = 0; user + 1 < offsets_.size(); ++user) {
    const auto begin = items_.begin() + offsets_[user];
    const auto end = items_.begin() + offsets_[user + 1];
    std::sort(begin, end);
    offsets_[user] = kept - items_.begin();
    const auto last = std::unique(begin, end);
    // Compacting in place: `kept` never runs ahead of `begin`.
    kept = kept == begin ? last : std::copy(begin, last, kept);
  }
  offsets_.back() = kept - items_.begin();
  items_.erase(kept, items_.end());
}

UserItems::UserItems(const Interactions& interactions)
    : UserItems(interactions.user_ids.size(), interactions.item_ids.size(), interactions.users,
                interactions.items) {}

std::span<const std::int32_t> UserItems::of(Index user) const {
  const auto at = static_cast<std::size_t>(user);
  return std::span(items_).subspan(static_cast<std::size_t>(offsets_[at]),
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

}  // namespace tapegrad::apps
