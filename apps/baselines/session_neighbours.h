// Sessions of the training that are like one at hand.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/data/sessions.h>

namespace tapegrad::apps {

// How many of the last events of a session at hand are compared with others, so that the time for
// an answer does not grow with a session of any length.
inline constexpr std::size_t longest_compared = 200;

// The sessions that have an item, the latest first.
class SessionNeighbours {
 public:
  explicit SessionNeighbours(const Sessions& training);

  // A distinct item of the session at hand, and how much a session counts that has it, too.
  struct Weighted {
    std::int32_t item = 0;
    double weight = 0.0;
  };
  struct Neighbour {
    Index session = 0;
    double similarity = 0.0;  // the sum of the weights of the items that both have
  };
  // Of the latest `sample` sessions with one of the items, all with their similarities.
  std::vector<Neighbour> candidates(std::span<const Weighted> items, Index sample) const;
  // Leaves the `count` of the highest similarity, equal ones the latest first.
  static void keep_best(std::vector<Neighbour>& neighbours, Index count);

  // How many sessions have an item.
  Index sessions_with(std::int32_t item) const {
    return offsets_[static_cast<std::size_t>(item) + 1] - offsets_[static_cast<std::size_t>(item)];
  }

 private:
  std::span<const std::int32_t> sessions_of(std::int32_t item) const;

  std::vector<Index> offsets_;  // by item
  std::vector<std::int32_t> sessions_;
};

// The distinct items of a history, each at its last place, oldest first.
struct LastPlace {
  std::int32_t item = 0;
  std::size_t place = 0;
};
std::vector<LastPlace> last_places(const History& history);

}  // namespace tapegrad::apps
