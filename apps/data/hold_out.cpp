#include <tapegrad/apps/data/hold_out.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include <tapegrad/apps/data/fingerprint.h>

namespace tapegrad::apps {
namespace {

// Whether each user has at least 3 events and 2 distinct items.
std::vector<bool> can_give(const Interactions& interactions) {
  const auto users = static_cast<std::size_t>(interactions.user_ids.size());
  std::vector<Index> counts(users, 0);
  std::vector<std::int32_t> first(users, -1);
  std::vector<bool> has_two(users, false);
  for (std::size_t row = 0; row < interactions.users.size(); ++row) {
    const auto user = static_cast<std::size_t>(interactions.users[row]);
    if (counts[user]++ == 0) first[user] = interactions.items[row];
    if (interactions.items[row] != first[user]) has_two[user] = true;
  }
  std::vector<bool> result(users);
  for (std::size_t user = 0; user < users; ++user)
    result[user] = counts[user] >= 3 && has_two[user];
  return result;
}

}  // namespace

std::vector<Index> last_rows(const Interactions& interactions) {
  const std::vector<bool> gives = can_give(interactions);
  std::vector<Index> rows(gives.size(), no_row);
  std::vector<double> times(gives.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t row = 0; row < interactions.users.size(); ++row) {
    const auto user = static_cast<std::size_t>(interactions.users[row]);
    const double time = interactions.times.empty() ? 0.0 : interactions.times[row];
    if (!gives[user] || !interactions.is_target(row) || time < times[user]) continue;
    times[user] = time;
    rows[user] = static_cast<Index>(row);
  }
  return rows;
}

Split split_off(const Interactions& interactions, const std::vector<bool>& trains,
                Repeats repeats) {
  Split split;
  split.training = subset(interactions, trains);
  split.test_events = interactions.size() - split.training.size();
  std::vector<bool> is_tested = trains;
  is_tested.flip();
  split.tested = TestedEvents(interactions, is_tested);
  split.pairs = std::make_shared<const UserItems>(split.training);
  split.had = std::make_shared<const UserItems>(UserItems::of_targets(interactions));
  split.repeats = repeats;
  split.fingerprint = hexadecimal(fingerprint(interactions));
  return split;
}

Split hold_out(const Interactions& interactions, std::span<const Index> held, Repeats repeats) {
  std::vector<bool> kept(interactions.users.size(), true);
  Index repeated = 0;
  for (std::size_t row = 0; row < kept.size(); ++row) {
    const Index own = held[static_cast<std::size_t>(interactions.users[row])];
    if (own == no_row ||
        interactions.items[static_cast<std::size_t>(own)] != interactions.items[row])
      continue;
    const bool is_held = own == static_cast<Index>(row);
    kept[row] = !is_held && repeats == Repeats::keep;
    if (!is_held) ++repeated;
  }
  Split split = split_off(interactions, kept, repeats);
  std::vector<bool> is_tested(kept.size(), false);
  for (const Index row : held) {
    if (row != no_row) is_tested[static_cast<std::size_t>(row)] = true;
  }
  split.tested = TestedEvents(interactions, is_tested);
  for (std::size_t user = 0; user < held.size(); ++user) {
    if (held[user] == no_row) continue;
    const std::int32_t item = interactions.items[static_cast<std::size_t>(held[user])];
    split.cases.push_back({static_cast<std::int32_t>(user), {item}, {}});
  }
  if (repeated > 0)
    split.notes.push_back(fmt::format(
        "{} events of test users with their test item {}; --repeat-items says whether such items "
        "count",
        repeated, repeats == Repeats::drop ? "are left out of the training" : "train"));
  if (const std::string note = describe_equal_times(interactions); !note.empty())
    split.notes.push_back(note);
  return split;
}

std::string describe_equal_times(const Interactions& interactions) {
  if (interactions.times.empty()) return "";
  std::vector<std::size_t> order(interactions.users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t row) {
    return std::tuple(interactions.users[row], interactions.times[row]);
  };
  std::ranges::sort(order, {}, key);
  Index equal = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool as_before = i > 0 && key(order[i]) == key(order[i - 1]);
    const bool as_after = i + 1 < order.size() && key(order[i]) == key(order[i + 1]);
    equal += as_before || as_after ? 1 : 0;
  }
  if (equal == 0) return "";
  return fmt::format(
      "{} of {} events ({:.1f} %) have the time of another event of their user: they are in the "
      "order of the file",
      equal, interactions.size(),
      100.0 * static_cast<double>(equal) / static_cast<double>(interactions.size()));
}

}  // namespace tapegrad::apps
