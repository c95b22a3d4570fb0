#include <tapegrad/graph/type_table.h>

#include <algorithm>
#include <cstring>

namespace tapegrad {

// Finds the entry of this hash that `equal` accepts; its number is the table's old size if there was none.
template <class Equal>
std::uint32_t TypeTable::Slots::find_or_add(std::uint64_t hash, Equal&& equal) {
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    if (slots[at] == 0) {
      hashes.push_back(hash);
      slots[at] = static_cast<std::uint32_t>(hashes.size());
      if (hashes.size() * 2 > slots.size()) grow();
      return static_cast<std::uint32_t>(hashes.size()) - 1;
    }
    const std::uint32_t entry = slots[at] - 1;
    if (hashes[entry] == hash && equal(entry)) return entry;
  }
}

void TypeTable::Slots::grow() {
  std::vector<std::uint32_t> wider(slots.size() * 4, 0);
  const std::size_t mask = wider.size() - 1;
  for (std::uint32_t entry = 0; entry < hashes.size(); ++entry) {
    std::size_t at = hashes[entry] & mask;
    while (wider[at] != 0) at = (at + 1) & mask;
    wider[at] = entry + 1;
  }
  slots.swap(wider);
}

TypeTable::TypeTable() {
  intern(Type{});
  intern(std::span<const std::byte>{});
}

TypeId TypeTable::intern(const Type& type) {
  if (!types_.empty() && types_[last_] == type) return last_;
  const std::uint64_t hash = type.shape.hash() * 31 + static_cast<std::uint64_t>(type.dtype);
  const std::uint32_t id = type_slots_.find_or_add(hash, [&](std::uint32_t entry) { return types_[entry] == type; });
  if (id == types_.size()) types_.push_back(type);
  return last_ = id;
}

AttributesId TypeTable::intern(std::span<const std::byte> attributes) {
  // By words: interning is on the path of every node with attributes.
  std::uint64_t hash = attributes.size();
  for (std::size_t at = 0; at < attributes.size(); at += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, attributes.data() + at, std::min(sizeof word, attributes.size() - at));
    hash = (hash ^ word) * 0x9ddfea08eb382d69u;
    hash ^= hash >> 32;
  }
  const std::uint32_t id = attribute_slots_.find_or_add(hash, [&](std::uint32_t entry) {
    const auto& known = attributes_[entry];
    return std::ranges::equal(known, attributes);
  });
  if (id == attributes_.size()) attributes_.emplace_back(attributes.begin(), attributes.end());
  return id;
}

}  // namespace tapegrad
