#include <tapegrad/optim/step_history.h>

#include <algorithm>
#include <bit>

namespace tapegrad::optim {
namespace {

// A long window brings resting rows up to date seldom, a short one needs little memory: a table of
// many rows gets a long one. The rows that are brought up to date for their age are at most some
// twenty a step on average and 64 in any one step; of more than 262,144 rows, 1/12288 and 1/4096.
std::size_t slots_for(Index rows) {
  return std::bit_ceil(static_cast<std::size_t>(std::clamp<Index>(rows / 16, 512, 16384)));
}

}  // namespace

StepHistory::StepHistory(Index rows, double weight_decay)
    : weight_decay_(weight_decay), rates_(slots_for(rows), 0.0) {
  if (weight_decay != 0.0) left_.reserve(rates_.size());
}

void StepHistory::change() {
  ++stamp_;
  left_.clear();
}

void StepHistory::begin(std::uint64_t step) {
  step_ = first_ = step;
  forget_looks();
}

void StepHistory::add(double rate) {
  ++step_;
  first_ = std::max(first_, step_ - std::min(step_, window()));
  rates_[slot(step_)] = rate;
  if (averaged()) looks_[slot(step_)] = 1.0;
  change();
}

void StepHistory::look(double decay) {
  if (!averaged()) looks_.assign(rates_.size(), 1.0);
  left_.reserve(rates_.size());
  looks_[slot(step_)] *= decay;
  change();
}

void StepHistory::forget_looks() {
  looks_.clear();
  change();
}

void StepHistory::reach(std::uint64_t s) {
  if (plain()) return;
  if (left_.empty()) {
    const double d = look_at(step_);
    left_.push_back({.weights = 1.0, .looked = 1.0 - d, .remembered = d, .whole = 1.0});
  }
  while (left_.size() <= step_ - s) {
    const Left& after = left_.back();
    const std::uint64_t j = step_ - left_.size();
    const double lost = rates_[slot(j + 1)] * weight_decay_;
    const double d = look_at(j);
    left_.push_back({.weights = after.weights * (1.0 - lost),
                     .looked = after.looked * (1.0 - lost) + (1.0 - d) * after.remembered,
                     .remembered = d * after.remembered,
                     .whole = after.whole - after.looked * lost});
  }
}

double StepHistory::left(Wanted wanted, std::uint64_t j) const {
  if (plain()) return 1.0;
  const Left& at = left_[step_ - j];
  return wanted == Wanted::weights ? at.weights : at.looked;
}

double StepHistory::whole(Wanted wanted, std::uint64_t s) const {
  if (plain()) return 1.0;
  const Left& at = left_[step_ - s];
  return wanted == Wanted::weights ? at.weights : at.whole;
}

std::vector<double> StepHistory::rates() const {
  std::vector<double> values;
  for (std::uint64_t j = first_ + 1; j <= step_; ++j) values.push_back(rates_[slot(j)]);
  return values;
}

std::vector<double> StepHistory::looks() const {
  std::vector<double> values;
  for (std::uint64_t j = first_; averaged() && j <= step_; ++j) values.push_back(looks_[slot(j)]);
  return values;
}

void StepHistory::restore(std::uint64_t step, std::span<const double> rates,
                          std::span<const double> looks) {
  begin(step - rates.size());
  if (!looks.empty()) look(looks[0]);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    add(rates[i]);
    if (!looks.empty()) look(looks[i + 1]);
  }
}

}  // namespace tapegrad::optim
