// What the last steps of a parameter still mean for rows that had no gradient since.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::optim {

// What a row is moved for: its weights, or their moving average.
enum class Wanted : std::uint8_t { weights, average };

// The learning rates of the last `window` steps, and how the average looked at the weights after
// each of them. Nothing older is kept, so the memory does not grow with the steps: the owner brings
// every row up to date before it is older than the window.
//
// With a decay pⱼ = 1 - rateⱼ·weight_decay of the weights at step j, and a look a ← dⱼ·a + (1-dⱼ)·w
// after it, a move that was made at step j counts at the newest step t
//   in the weights   Wⱼ = Π pᵢ over i > j,
//   in the average   Lⱼ = Σ (1-dᵢ)·(Π dₖ over k > i)·(Π pₖ over j < k ≤ i) over i ≥ j,
// while Dⱼ = Π dᵢ over i ≥ j is left of the average before step j. All are sums from t backwards,
// with no division, so they depend on t and j alone.
class StepHistory {
 public:
  // A table of so many rows; the weights' decay, if it is decoupled from the gradient.
  StepHistory(Index rows, double weight_decay);

  // Forgets everything; the next step is number `step` + 1.
  void begin(std::uint64_t step);
  void add(double rate);
  // The average looked at the weights of the newest step, and kept `decay` of itself. Several looks
  // at one step add up.
  void look(double decay);
  void forget_looks();

  std::uint64_t step() const { return step_; }
  // The greatest age of a row: the number of steps since its last gradient.
  std::uint64_t window() const { return rates_.size() - 1; }
  std::uint64_t slot(std::uint64_t step) const { return step & (rates_.size() - 1); }
  // Changes whenever what follows does.
  std::uint64_t stamp() const { return stamp_; }
  void renew_stamp() { ++stamp_; }
  bool averaged() const { return !looks_.empty(); }

  // Prepares what is asked of steps from s on. Everything below is for the newest step t, and s ≤ j
  // ≤ t.
  void reach(std::uint64_t s);
  // The rate of step j times Wⱼ or Lⱼ.
  double rate(Wanted wanted, std::uint64_t j) const { return rates_[slot(j)] * left(wanted, j); }
  // What the weights of step s count: Ws, or Ls + Ds, from which the average takes Ds times its
  // distance to these weights.
  double whole(Wanted wanted, std::uint64_t s) const;
  // Ds.
  double remembered(std::uint64_t s) const { return plain() ? 1.0 : left_[step_ - s].remembered; }

  // For checkpoints: the rates of the last steps, and the looks after these and after the step
  // before them.
  std::vector<double> rates() const;
  std::vector<double> looks() const;
  // Throws nothing; the caller has checked that there are at most window() rates, and one more
  // look, or none.
  void restore(std::uint64_t step, std::span<const double> rates, std::span<const double> looks);

 private:
  struct Left {
    double weights, looked, remembered, whole;
  };
  // Nothing decays and nothing is averaged: all is 1.
  bool plain() const { return weight_decay_ == 0.0 && looks_.empty(); }
  double left(Wanted wanted, std::uint64_t j) const;
  double look_at(std::uint64_t j) const { return looks_.empty() ? 1.0 : looks_[slot(j)]; }
  void change();

  double weight_decay_;
  std::uint64_t step_ = 0;
  std::uint64_t first_ = 0;  // the step before the first that is known
  std::uint64_t stamp_ = 0;
  std::vector<double> rates_, looks_;  // rings by step; no looks without an average
  std::vector<Left> left_;             // by t - j, as far as somebody asked: at most the window
};

}  // namespace tapegrad::optim
