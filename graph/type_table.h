// Types and attributes as small numbers, so that nodes compare by value in one memcmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/shape.h>

namespace tapegrad {

// What a tensor holds: a shape of elements.
struct Type {
  Shape shape;
  Dtype dtype = Dtype::float32;
  bool operator==(const Type&) const = default;
};

using TypeId = std::uint32_t;
using AttributesId = std::uint32_t;

// Gives equal types (and equal attribute bytes) equal numbers. What it hands out by reference stays
// where it is until clear(). It only grows: its tape clears it when it is full (Tape::clear()).
class TypeTable {
 public:
  static constexpr std::size_t most_entries = std::size_t{1} << 16;
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;  // of attributes

  TypeTable();
  // Forgets all types and attributes, and all numbers that were given to them.
  void clear();
  bool full() const {
    return types_.size() > most_entries || attributes_.size() > most_entries || bytes_ > most_bytes;
  }

  TypeId intern(const Type& type);
  const Type& operator[](TypeId id) const { return types_[id]; }
  std::size_t size() const { return types_.size(); }
  std::size_t attributes_size() const { return attributes_.size(); }

  // 0 stands for no attributes.
  AttributesId intern(std::span<const std::byte> attributes);
  const void* attributes(AttributesId id) const { return attributes_[id].bytes.get(); }
  std::span<const std::byte> attribute_bytes(AttributesId id) const {
    return {attributes_[id].bytes.get(), attributes_[id].size};
  }

 private:
  // Open addressing: a slot holds a number plus one, 0 for an empty slot.
  struct Slots {
    std::vector<std::uint32_t> slots = std::vector<std::uint32_t>(64, 0);
    std::vector<std::uint64_t> hashes;
    template <class Equal>
    std::uint32_t find_or_add(std::uint64_t hash, Equal&& equal);
    void grow();
  };

  struct Attributes {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  std::deque<Type> types_;
  std::vector<Attributes> attributes_;
  Slots type_slots_, attribute_slots_;
  std::size_t bytes_ = 0;  // of all attributes
  TypeId last_ = 0;
};

}  // namespace tapegrad
