#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_map.h>
#include <cstdint>
#include <limits>

namespace tapegrad::apps {

Index IdMap::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? -1 : found->second;
}

Index IdMap::insert(std::string_view name) {
  const Index known = find(name);
  if (known >= 0) return known;
  // Events hold the numbers in 32 bits.
  if (size() == std::numeric_limits<std::int32_t>::max())
    throw DataError("expected at most 2147483647 different ids, got more");
  names_.emplace_back(name);
  numbers_.emplace(names_.back(), size() - 1);
  return size() - 1;
}

}  // namespace tapegrad::apps
