// Items that are drawn as negatives.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {

// How often each number from 0 to size - 1 comes.
std::vector<Index> counts_of(std::span<const std::int32_t> numbers, Index size);

// Draws item i with the probability qᵢ ∝ countᵢ^exponent; an item of count 0 is never drawn. With
// the exponent 0 all others are equally likely. Source of the exponent ¾: Mikolov et al., NIPS
// 2013.
class ItemSampler {
 public:
  ItemSampler(std::span<const Index> counts, double exponent);
  Index draw(Random& random) const;
  // log qᵢ, and 0 for an item that is never drawn.
  std::span<const double> log_q() const { return log_q_; }

 private:
  std::vector<double> cumulative_, log_q_;
};

}  // namespace tapegrad::apps
