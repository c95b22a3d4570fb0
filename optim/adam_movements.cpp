#include <tapegrad/optim/adam_movements.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::optim {

std::uint32_t AdamMovements::prepare(const StepHistory& history, Wanted wanted, std::uint64_t s) {
  if (stamp_ != history.stamp()) terms_ = 0;
  stamp_ = history.stamp();
  return movements_[index(wanted)].prepare(
      history, s,
      [&](AdamMovement& movement, std::uint64_t from) { fill(movement, history, wanted, from); });
}

void AdamMovements::extend_biases(const StepHistory& history) {
  bias1_.resize(history.window() + 1);
  bias2_.resize(history.window() + 1);
  biases_to_ = std::max(biases_to_, history.step() - std::min(history.step(), history.window()));
  while (biases_to_ < history.step()) {
    ++biases_to_;
    bias1_[history.slot(biases_to_)] =
        1.0 - std::pow(options_.beta1, static_cast<double>(biases_to_));
    bias2_[history.slot(biases_to_)] =
        1.0 - std::pow(options_.beta2, static_cast<double>(biases_to_));
  }
}

void AdamMovements::fill(AdamMovement& movement, const StepHistory& history, Wanted wanted,
                         std::uint64_t s) {
  extend_biases(history);
  a_.clear();
  d_.clear();
  movement.whole = history.whole(wanted, s);
  movement.a0 = 0.0;
  double weight = 1.0;
  double root = 1.0;
  double weighted = 0.0;
  for (std::uint64_t j = s + 1; j <= history.step(); ++j) {
    weight *= options_.beta1;
    root *= options_.beta2;
    const double d = std::sqrt(root / bias2_[history.slot(j)]);
    if (weight <= precision_.least * std::max(d, options_.epsilon)) break;
    a_.push_back(history.rate(wanted, j) * weight / bias1_[history.slot(j)]);
    d_.push_back(d);
    movement.a0 += a_.back();
    weighted += a_.back() * d;
  }
  movement.center = movement.a0 > 0.0 ? weighted / movement.a0 : 1.0;
  expand(movement);
  if (movement.expanded) return;
  movement.a = a_;
  movement.d = d_;
  terms_ += 2 * a_.size();
}

void AdamMovements::expand(AdamMovement& movement) const {
  movement.a2 = movement.a3 = movement.a4 = 0.0;
  double remainder = 0.0;
  for (std::size_t i = 0; i < a_.size(); ++i) {
    const double distance = d_[i] - movement.center;
    const double square = distance * distance;
    movement.a2 += a_[i] * square;
    movement.a3 += a_[i] * square * distance;
    movement.a4 += a_[i] * square * square;
    remainder +=
        std::abs(a_[i] * square * square * distance) * std::max(1.0, movement.center / d_[i]);
  }
  movement.expanded =
      remainder <= precision_.remainder * movement.a0 * std::pow(movement.center, 5);
}

}  // namespace tapegrad::optim
