#include <tapegrad/apps/data/listed_pairs.h>

namespace tapegrad::apps {

ListedPairs listed_pairs(const UserItems& pairs) {
  ListedPairs listed;
  listed.users.reserve(static_cast<std::size_t>(pairs.size()));
  listed.items.reserve(static_cast<std::size_t>(pairs.size()));
  for (Index user = 0; user < pairs.user_count(); ++user) {
    const auto items = pairs.of(user);
    const auto weights = pairs.weights_of(user);
    listed.users.insert(listed.users.end(), items.size(), static_cast<std::int32_t>(user));
    listed.items.insert(listed.items.end(), items.begin(), items.end());
    listed.weights.insert(listed.weights.end(), weights.begin(), weights.end());
  }
  return listed;
}

}  // namespace tapegrad::apps
