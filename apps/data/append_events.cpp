#include <tapegrad/apps/data/append_events.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

// The numbers in `all` of the ids of `part`.
std::vector<std::int32_t> numbers_in(IdMap& all, const IdMap& part) {
  std::vector<std::int32_t> numbers;
  for (Index i = 0; i < part.size(); ++i)
    numbers.push_back(static_cast<std::int32_t>(all.insert(part.name(i))));
  return numbers;
}

template <class Value>
void append_column(std::vector<Value>& all, const std::vector<Value>& part, Index rows_before,
                   const char* name) {
  if (rows_before > 0 && all.empty() != part.empty())
    throw DataError(fmt::format("expected {} for all events or for none", name));
  all.insert(all.end(), part.begin(), part.end());
}

}  // namespace

void append_events(Interactions& all, const Interactions& part) {
  const Index before = all.size();
  const auto users = numbers_in(all.user_ids, part.user_ids);
  const auto items = numbers_in(all.item_ids, part.item_ids);
  const auto types = numbers_in(all.type_ids, part.type_ids);
  for (const std::int32_t user : part.users)
    all.users.push_back(users[static_cast<std::size_t>(user)]);
  for (const std::int32_t item : part.items)
    all.items.push_back(items[static_cast<std::size_t>(item)]);
  std::vector<std::int16_t> own_types;
  for (const std::int16_t type : part.types)
    own_types.push_back(static_cast<std::int16_t>(types[static_cast<std::size_t>(type)]));
  append_column(all.ratings, part.ratings, before, "ratings");
  append_column(all.quantities, part.quantities, before, "quantities");
  append_column(all.prices, part.prices, before, "prices");
  append_column(all.types, own_types, before, "types");
  append_column(all.times, part.times, before, "times");
  append_column(all.weights, part.weights, before, "weights");
  all.added_users += part.added_users;
  all.added_items += part.added_items;
  all.weighed_at = std::max(all.weighed_at, part.weighed_at);
  if (before > 0 && all.targets.empty() != part.targets.empty())
    throw DataError("expected types for all events or for none");
  all.targets.insert(all.targets.end(), part.targets.begin(), part.targets.end());
}

}  // namespace tapegrad::apps
