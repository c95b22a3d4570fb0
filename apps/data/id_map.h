#pragma once

#include <tapegrad/graph/dtype.h>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tapegrad::apps {

// Numbers string ids 0, 1, 2, ... in the order that they are first inserted.
class IdMap {
 public:
  // The number of `name`, -1 if it was never inserted.
  Index find(std::string_view name) const;

  // The number of `name`, which is given the next one if it is new. Throws DataError beyond 2^31 -
  // 1 ids.
  Index insert(std::string_view name);

  // The id with this number, which must be in 0 .. size() - 1.
  const std::string& name(Index number) const { return names_[static_cast<std::size_t>(number)]; }

  Index size() const { return static_cast<Index>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };

  std::unordered_map<std::string, Index, Hash, std::equal_to<>> numbers_;
  std::vector<std::string> names_;
};

}  // namespace tapegrad::apps
