#include <fmt/core.h>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <span>

namespace tapegrad::apps {
namespace {

void add_ids(StableHash& hash, const IdMap& ids, Index count) {
  hash.add_index(count);
  for (Index number = 0; number < count; ++number) hash.add_text(ids.name(number));
}

void add_items(StableHash& hash, std::span<const std::int32_t> items) {
  hash.add_number(items.size());
  for (const std::int32_t item : items) hash.add_int(item);
}

void add_events(StableHash& hash, const Interactions& interactions) {
  // Ids that tables of features added are no events.
  add_ids(hash, interactions.user_ids, interactions.user_ids.size() - interactions.added_users);
  add_ids(hash, interactions.item_ids, interactions.item_ids.size() - interactions.added_items);
  add_items(hash, interactions.users);
  add_items(hash, interactions.items);
  hash.add_number(interactions.ratings.size());
  for (const float rating : interactions.ratings) hash.add_float(rating);
  hash.add_number(interactions.times.size());
  for (const double time : interactions.times) hash.add_double(time);
  // Tables without quantities keep the fingerprints that they had before there were any.
  for (const float quantity : interactions.quantities) hash.add_float(quantity);
  // Nor is there anything here for events that all count the same.
  for (const bool is_target : interactions.targets) hash.add_int(is_target ? 1 : 0);
}

}  // namespace

std::uint64_t fingerprint(const Interactions& interactions) {
  StableHash hash;
  add_events(hash, interactions);
  return hash.value();
}

std::uint64_t fingerprint(const Split& split) {
  StableHash hash;
  add_events(hash, split.training);
  hash.add_number(split.cases.size());
  for (const RankingCase& ranking_case : split.cases) {
    hash.add_int(ranking_case.user);
    add_items(hash, ranking_case.relevant);
    add_items(hash, ranking_case.candidates);
  }
  return hash.value();
}

std::uint64_t fingerprint(const Sessions& sessions) {
  StableHash hash;
  add_ids(hash, sessions.owners, sessions.owners.size());
  add_ids(hash, sessions.items, sessions.items.size());
  for (const Index offset : sessions.offsets) hash.add_index(offset);
  for (const std::int32_t event : sessions.events) hash.add_int(event);
  return hash.value();
}

std::string hexadecimal(std::uint64_t value) { return fmt::format("{:016x}", value); }

}  // namespace tapegrad::apps
