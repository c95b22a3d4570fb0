#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_map.h>
#include <algorithm>
#include <functional>
#include <limits>

namespace tapegrad::apps {
namespace {

std::uint64_t hash_of(std::string_view name) { return std::hash<std::string_view>{}(name); }

std::uint32_t upper_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }

}  // namespace

Index IdMap::find(std::string_view name) const {
  if (slots_.empty()) return -1;
  const Slot& slot = slots_[place_of(name, hash_of(name))];
  return slot.number == vacant ? -1 : static_cast<Index>(slot.number);
}

Index IdMap::insert(std::string_view name) {
  make_room();
  const std::uint64_t hash = hash_of(name);
  Slot& slot = slots_[place_of(name, hash)];
  if (slot.number != vacant) return static_cast<Index>(slot.number);
  // Events hold the numbers in 32 bits.
  if (size() == std::numeric_limits<std::int32_t>::max())
    throw DataError("expected at most 2147483647 different ids, got more");
  names_.emplace_back(name);
  slot = {upper_half(hash), static_cast<std::uint32_t>(size() - 1)};
  return size() - 1;
}

// Where the name is, or the vacant slot where it would be.
std::size_t IdMap::place_of(std::string_view name, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t half = upper_half(hash);
  std::size_t place = hash & mask;
  while (slots_[place].number != vacant &&
         (slots_[place].hash != half || names_[slots_[place].number] != name))
    place = (place + 1) & mask;
  return place;
}

// For one more name. Everything is placed anew in a table of twice the size if need be.
void IdMap::make_room() {
  constexpr std::size_t least = 16;
  if (2 * (names_.size() + 1) <= slots_.size()) return;
  const std::size_t size = std::max(least, 2 * slots_.size());
  std::vector<Slot> larger(size);
  for (std::size_t number = 0; number < names_.size(); ++number) {
    const std::uint64_t hash = hash_of(names_[number]);
    std::size_t place = hash & (size - 1);
    while (larger[place].number != vacant) place = (place + 1) & (size - 1);
    larger[place] = {upper_half(hash), static_cast<std::uint32_t>(number)};
  }
  slots_.swap(larger);
}

}  // namespace tapegrad::apps
