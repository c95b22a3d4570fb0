#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/user_items.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace tapegrad::apps {
namespace {

// For each event whether it is among the last `count` by time, the file order deciding among equal
// times.
std::vector<bool> latest_events(const Interactions& interactions, Index count) {
  std::vector<std::size_t> order(interactions.times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return interactions.times[a] < interactions.times[b];
  });
  std::vector<bool> latest(order.size(), false);
  for (auto row = order.end() - count; row != order.end(); ++row) latest[*row] = true;
  return latest;
}

// One case for each user of `test` with training events and an item that is new to it.
std::vector<RankingCase> new_item_cases(const UserItems& training, const UserItems& test) {
  std::vector<RankingCase> cases;
  for (Index user = 0; user < test.user_count(); ++user) {
    if (training.of(user).empty()) continue;
    RankingCase ranking_case{static_cast<std::int32_t>(user), {}, {}};
    std::ranges::set_difference(test.of(user), training.of(user),
                                std::back_inserter(ranking_case.relevant));
    if (!ranking_case.relevant.empty()) cases.push_back(std::move(ranking_case));
  }
  return cases;
}

}  // namespace

Split leave_one_out_split(const Interactions& interactions) {
  if (interactions.size() == 0) throw DataError("protocol loo: expected events, got none");
  const std::vector<std::int32_t> last = last_items(interactions);
  std::vector<std::int32_t> held(last.size(), nothing_held);
  for (const std::int32_t user : users_to_test(interactions, UserItems(interactions))) {
    held[static_cast<std::size_t>(user)] = last[static_cast<std::size_t>(user)];
  }
  Split split = hold_out(interactions, held);
  if (split.cases.empty())
    throw DataError("protocol loo: expected a user with 3 events and 2 different items, got none");
  split.protocol = "loo";
  split.description = fmt::format(
      "the item of each user's last {} (users with fewer than 3 events train only) is ranked among "
      "all items outside the user's "
      "training",
      interactions.times.empty() ? "row in the file" : "event by time (ties: file order)");
  return split;
}

Split temporal_split(const Interactions& interactions, double fraction) {
  if (!(fraction > 0.0 && fraction < 1.0)) {
    throw OptionError(fmt::format("expected a test fraction between 0 and 1, got {}", fraction));
  }
  if (interactions.size() == 0) throw DataError("protocol temporal: expected events, got none");
  if (interactions.times.empty()) {
    throw DataError(
        "protocol temporal: expected a time for each event, since the last events of all are the "
        "test; the table has no times");
  }
  const auto count =
      std::max<Index>(1, std::llround(fraction * static_cast<double>(interactions.size())));
  const std::vector<bool> latest = latest_events(interactions, count);
  Split split;
  Interactions test;
  for (Interactions* part : {&split.training, &test}) {
    part->user_ids = interactions.user_ids;
    part->item_ids = interactions.item_ids;
  }
  for (Index row = 0; row < interactions.size(); ++row) {
    append_event(latest[static_cast<std::size_t>(row)] ? test : split.training, interactions, row);
  }
  split.cases = new_item_cases(UserItems(split.training), UserItems(test));
  if (split.cases.empty()) {
    throw DataError(
        fmt::format("protocol temporal: expected a user of the first {} events with a new item in "
                    "the last {}, got none",
                    split.training.size(), count));
  }
  split.protocol = fmt::format("temporal {:g}", fraction);
  split.description = fmt::format(
      "the last {:g} % of all events by time are the test; each trained user's new items are "
      "ranked among all items outside "
      "its training",
      100.0 * fraction);
  split.fingerprint = hexadecimal(fingerprint(interactions));
  return split;
}

Split whole_split(const Interactions& interactions) {
  Split split;
  split.training = interactions;
  split.protocol = "none";
  split.description = "all events train, nothing is tested";
  split.fingerprint = hexadecimal(fingerprint(interactions));
  return split;
}

}  // namespace tapegrad::apps
