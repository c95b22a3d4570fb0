#include <tapegrad/apps/data/cold_split.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/stable_hash.h>

namespace tapegrad::apps {
namespace {

// A part of the ids that have events, those with the least hashes.
std::vector<bool> part_of(const IdMap& ids, const std::vector<std::int32_t>& of_events,
                          double fraction, std::uint64_t salt, const char* protocol) {
  if (!(fraction > 0.0 && fraction < 1.0))
    throw OptionError(fmt::format("expected a test fraction between 0 and 1, got {}", fraction));
  std::vector<bool> has_event(static_cast<std::size_t>(ids.size()), false);
  for (const std::int32_t number : of_events) has_event[static_cast<std::size_t>(number)] = true;
  std::vector<std::pair<std::uint64_t, std::size_t>> hashes;
  for (std::size_t number = 0; number < has_event.size(); ++number) {
    if (!has_event[number]) continue;
    StableHash hash;
    hash.add_number(salt);
    hash.add_text(ids.name(static_cast<Index>(number)));
    hashes.emplace_back(hash.value(), number);
  }
  std::ranges::sort(hashes);
  const auto count =
      static_cast<std::size_t>(std::llround(fraction * static_cast<double>(hashes.size())));
  if (count == 0 || count == hashes.size())
    throw DataError(
        fmt::format("protocol {}: expected some of {} to test and some to train on, "
                    "got a part of {}",
                    protocol, hashes.size(), count));
  std::vector<bool> part(has_event.size(), false);
  for (std::size_t i = 0; i < count; ++i) part[hashes[i].second] = true;
  return part;
}

// Without the events of the part.
Split split_without(const Interactions& interactions, const std::vector<std::int32_t>& of_events,
                    const std::vector<bool>& part) {
  std::vector<bool> trains(of_events.size());
  for (std::size_t row = 0; row < trains.size(); ++row)
    trains[row] = !part[static_cast<std::size_t>(of_events[row])];
  return split_off(interactions, trains);
}

void require_cases(const Split& split, const char* protocol) {
  if (split.cases.empty())
    throw DataError(fmt::format("protocol {}: expected a user to test, got none", protocol));
}

}  // namespace

Split cold_items_split(const Interactions& interactions, double fraction, std::uint64_t salt) {
  const std::vector<bool> part =
      part_of(interactions.item_ids, interactions.items, fraction, salt, "cold-items");
  Split split = split_without(interactions, interactions.items, part);
  std::vector<std::int32_t> cold;
  for (std::size_t item = 0; item < part.size(); ++item) {
    if (part[item]) cold.push_back(static_cast<std::int32_t>(item));
  }
  for (Index user = 0; user < split.had->user_count(); ++user) {
    if (split.pairs->of(user).empty()) continue;
    RankingCase one{static_cast<std::int32_t>(user), {}, {}};
    for (const std::int32_t item : cold)
      (split.had->contains(user, item) ? one.relevant : one.candidates).push_back(item);
    if (!one.relevant.empty() && !one.candidates.empty()) split.cases.push_back(std::move(one));
  }
  require_cases(split, "cold-items");
  split.protocol = fmt::format("cold-items {:g}", fraction);
  split.description = fmt::format(
      "{} of {} items, with all of their events, are the test; each trained user's are ranked "
      "among "
      "these items",
      cold.size(), interactions.item_ids.size());
  return split;
}

Split cold_users_split(const Interactions& interactions, double fraction, std::uint64_t salt) {
  const std::vector<bool> part =
      part_of(interactions.user_ids, interactions.users, fraction, salt, "cold-users");
  Split split = split_without(interactions, interactions.users, part);
  for (std::size_t user = 0; user < part.size(); ++user) {
    const auto targets = split.had->of(static_cast<Index>(user));
    if (part[user] && !targets.empty())
      split.cases.push_back(
          {static_cast<std::int32_t>(user), {targets.begin(), targets.end()}, {}});
  }
  require_cases(split, "cold-users");
  split.protocol = fmt::format("cold-users {:g}", fraction);
  split.description = fmt::format(
      "{} of {} users, with all of their events, are the test; their items are ranked among all "
      "items",
      std::ranges::count(part, true), interactions.user_ids.size());
  return split;
}

double cold_fraction_of(const std::string& protocol) {
  const std::size_t blank = std::min(protocol.find(' '), protocol.size());
  const auto fraction = parse_number(protocol.substr(blank));
  if (protocol.starts_with("cold-") && fraction) return *fraction;
  throw OptionError(
      fmt::format("expected a protocol such as cold-items 0.2, got {}", in_quotes(protocol)));
}

}  // namespace tapegrad::apps
