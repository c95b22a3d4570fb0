// Parts of examples in which each class has its share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// For each example its fold, from 0 to folds - 1. The sizes of the folds differ by at most 1, and
// so do the numbers of examples of a class in them. The same for a given seed.
std::vector<Index> stratified_folds(std::span<const Index> classes, Index folds,
                                    std::uint64_t seed);

// The numbers of the examples, ascending, in two parts.
struct TwoParts {
  std::vector<Index> first, second;
};
// The second part has the fraction of each class, rounded; the first keeps one example of each
// class or more.
TwoParts stratified_parts(std::span<const Index> classes, double fraction, std::uint64_t seed);

}  // namespace tapegrad::apps
