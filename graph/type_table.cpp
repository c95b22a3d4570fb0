#include <tapegrad/graph/type_table.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace tapegrad {
namespace {

// By words, without calls: interning is on the path of every node with attributes.
std::uint64_t word_at(const std::byte* bytes, std::size_t at, std::size_t size) {
  std::uint64_t word = 0;
  if (size - at >= sizeof word)
    std::memcpy(&word, bytes + at, sizeof word);
  else
    std::memcpy(&word, bytes + at, size - at);
  return word;
}

bool same_words(const std::byte* known, std::span<const std::byte> attributes) {
  for (std::size_t at = 0; at < attributes.size(); at += sizeof(std::uint64_t)) {
    if (word_at(known, at, attributes.size()) != word_at(attributes.data(), at, attributes.size()))
      return false;
  }
  return true;
}

}  // namespace

// Finds the entry of this hash that `equal` accepts; its number is the table's old size if there
// was none.
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

TypeTable::TypeTable() { clear(); }

void TypeTable::clear() {
  types_.clear();
  attributes_.clear();
  type_slots_ = {};
  attribute_slots_ = {};
  bytes_ = 0;
  last_ = 0;
  intern(Type{});
  intern(std::span<const std::byte>{});
}

TypeId TypeTable::intern(const Type& type) {
  if (!types_.empty() && types_[last_] == type) return last_;
  const std::uint64_t hash = type.shape.hash() * 31 + static_cast<std::uint64_t>(type.dtype);
  const std::uint32_t id =
      type_slots_.find_or_add(hash, [&](std::uint32_t entry) { return types_[entry] == type; });
  if (id == types_.size()) types_.push_back(type);
  return last_ = id;
}

AttributesId TypeTable::intern(std::span<const std::byte> attributes) {
  std::uint64_t hash = attributes.size();
  for (std::size_t at = 0; at < attributes.size(); at += sizeof hash) {
    hash = (std::rotl(hash, 23) ^ word_at(attributes.data(), at, attributes.size())) *
           0x9ddfea08eb382d69u;
  }
  hash ^= hash >> 32;
  const std::uint32_t id = attribute_slots_.find_or_add(hash, [&](std::uint32_t entry) {
    const Attributes& known = attributes_[entry];
    return known.size == attributes.size() && same_words(known.bytes.get(), attributes);
  });
  if (id == attributes_.size()) {
    attributes_.push_back({std::make_unique<std::byte[]>(attributes.size()), attributes.size()});
    std::ranges::copy(attributes, attributes_.back().bytes.get());
    bytes_ += attributes.size();
  }
  return id;
}

}  // namespace tapegrad
