// How rows move from many steps to one.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <tapegrad/optim/step_history.h>

namespace tapegrad::optim {

// The movements to the newest step, computed once for all rows that had their last gradient at the
// same step. There are at most as many as the history's window is long; their memory is used again
// for every step.
template <class Movement>
class PreparedMovements {
 public:
  // A number for operator[], good until the history's stamp changes. fill(movement, s) is called
  // where there is none.
  template <class Fill>
  std::uint32_t prepare(const StepHistory& history, std::uint64_t s, const Fill& fill) {
    if (stamp_ != history.stamp()) used_ = 0;
    stamp_ = history.stamp();
    numbers_.resize(history.window() + 1, {~std::uint64_t{0}, 0});
    auto& [stamp, number] = numbers_[history.slot(s)];
    if (stamp == stamp_ && number < used_) return number;
    stamp = stamp_;
    number = used_++;
    if (used_ > all_.size()) all_.emplace_back();
    fill(all_[number], s);
    return number;
  }
  const Movement& operator[](std::uint32_t number) const { return all_[number]; }

 private:
  struct Number {
    std::uint64_t stamp;
    std::uint32_t number;
  };
  std::deque<Movement> all_;
  std::vector<Number> numbers_;  // by the slot of the step from which
  std::uint64_t stamp_ = ~std::uint64_t{0};
  std::uint32_t used_ = 0;
};

}  // namespace tapegrad::optim
