// Steps that many sessions take one after another.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct FrequentPath {
  std::vector<std::int32_t> states;  // that follow straight on one another
  Index sessions = 0;                // that take the path, once or more
  double support = 0.0;              // these as a part of all sessions
  // The support over the product of the supports of its distinct states by themselves: how many
  // times as often as if sessions had the states independently.
  double lift = 0.0;
};

// The paths of 2 to `longest` states that at least `least_sessions` sessions take, those of most
// sessions first, equal ones by states. A path is only looked at where both of its parts without
// the first and without the last state are frequent (Agrawal & Srikant, ICDE 1995).
std::vector<FrequentPath> frequent_paths(std::span<const std::vector<std::int32_t>> sessions,
                                         std::size_t longest, Index least_sessions);

}  // namespace tapegrad::apps
