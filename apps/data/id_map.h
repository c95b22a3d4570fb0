#pragma once

#include <tapegrad/graph/dtype.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// Numbers string ids 0, 1, 2, ... in the order that they are first inserted.
class IdMap {
 public:
  // The number of `name`, -1 if it was never inserted.
  Index find(std::string_view name) const;

  // The number of `name`, which is given the next one if it is new. Throws DataError beyond
  // 2^31 - 1 ids.
  Index insert(std::string_view name);

  // The id with this number, which must be in 0 .. size() - 1.
  const std::string& name(Index number) const { return names_[static_cast<std::size_t>(number)]; }

  Index size() const { return static_cast<Index>(names_.size()); }

 private:
  static constexpr std::uint32_t vacant = 0xFFFFFFFFU;
  struct Slot {
    std::uint32_t hash = 0;  // its upper half
    std::uint32_t number = vacant;
  };

  std::size_t place_of(std::string_view name, std::uint64_t hash) const;
  void make_room();

  // A hash table with linear probing, at most half full, its size a power of two. The standard one
  // takes twice as long to read a large table's ids.
  std::vector<Slot> slots_;
  std::vector<std::string> names_;
};

}  // namespace tapegrad::apps
