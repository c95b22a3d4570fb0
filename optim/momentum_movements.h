// How rows move on while their momentum runs out.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace tapegrad::optim {

// Without gradients a buffer b shrinks by μ a step, so from step s to step t a row moves by -b·Σ rateⱼ·μ^(j-s), the sum over
// s < j ≤ t. The sums to one step t from many others.
class MomentumMovements {
 public:
  // Gives the sum a number, good until it is called for another t.
  std::uint32_t prepare(std::span<const double> rates, double momentum, std::uint32_t s, std::uint32_t t) {
    if (to_ != t) {
      sums_.clear();
      numbers_.clear();
    }
    to_ = t;
    const auto [known, is_new] = numbers_.try_emplace(s, static_cast<std::uint32_t>(sums_.size()));
    if (!is_new) return known->second;
    double power = 1.0;
    double sum = 0.0;
    for (std::uint32_t j = s + 1; j <= t && power > 1e-18; ++j) {
      power *= momentum;
      sum += rates[j] * power;
    }
    sums_.push_back(sum);
    return known->second;
  }
  double operator[](std::uint32_t number) const { return sums_[number]; }

 private:
  std::vector<double> sums_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // of the sums, by the step from which
  std::uint32_t to_ = 0;
};

}  // namespace tapegrad::optim
