#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/hold_out.h>
#include <limits>

namespace tapegrad::apps {

std::vector<std::int32_t> users_to_test(const Interactions& interactions, const UserItems& pairs) {
  std::vector<Index> events(static_cast<std::size_t>(pairs.user_count()), 0);
  for (const std::int32_t user : interactions.users) ++events[static_cast<std::size_t>(user)];
  std::vector<std::int32_t> result;
  for (Index user = 0; user < pairs.user_count(); ++user) {
    if (events[static_cast<std::size_t>(user)] >= 3 && pairs.of(user).size() >= 2)
      result.push_back(static_cast<std::int32_t>(user));
  }
  return result;
}

std::vector<std::int32_t> last_items(const Interactions& interactions) {
  const auto users = static_cast<std::size_t>(interactions.user_ids.size());
  std::vector<std::int32_t> items(users, nothing_held);
  std::vector<double> times(users, -std::numeric_limits<double>::infinity());
  for (std::size_t row = 0; row < interactions.users.size(); ++row) {
    const auto user = static_cast<std::size_t>(interactions.users[row]);
    const double time = interactions.times.empty() ? 0.0 : interactions.times[row];
    if (time < times[user]) continue;
    times[user] = time;
    items[user] = interactions.items[row];
  }
  return items;
}

Split hold_out(const Interactions& interactions, std::span<const std::int32_t> held) {
  Split split;
  split.fingerprint = hexadecimal(fingerprint(interactions));
  split.training.user_ids = interactions.user_ids;
  split.training.item_ids = interactions.item_ids;
  for (Index row = 0; row < interactions.size(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    const bool is_held =
        held[static_cast<std::size_t>(interactions.users[at])] == interactions.items[at];
    if (!is_held) append_event(split.training, interactions, row);
  }
  for (std::size_t user = 0; user < held.size(); ++user) {
    if (held[user] != nothing_held)
      split.cases.push_back({static_cast<std::int32_t>(user), {held[user]}, {}});
  }
  return split;
}

}  // namespace tapegrad::apps
