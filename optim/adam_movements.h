// How rows move on under Adam while their first moment runs out.
#pragma once

#include <cstdint>
#include <vector>

#include <tapegrad/optim/adam.h>
#include <tapegrad/optim/prepared_movements.h>

namespace tapegrad::optim {

// Without gradients a row moves, from step s to t, by -m·Σⱼ aⱼ/(x·dⱼ + ε), with x = √v and
//   aⱼ = rateⱼ·Wⱼ·β₁^(j-s)/(1-β₁ʲ),   dⱼ = √(β₂^(j-s)/(1-β₂ʲ)),   Wⱼ as StepHistory has it (Lⱼ for
//   the average).
// Mostly the dⱼ lie close together, and the sum is taken around their mean d: with y = x·d + ε and
// q = x/y ≤ 1/d,
//   Σ aⱼ/(x·dⱼ + ε) = 1/y · Σ aⱼ/(1 + q·(dⱼ-d)) = 1/y · (A₀ + q²A₂ - q³A₃ + q⁴A₄ ...),   Aₖ = Σ
//   aⱼ(dⱼ-d)ᵏ.
// What this leaves out is at most Σ |aⱼ|·|dⱼ/d - 1|⁵·max(1, d/dⱼ); where that is more than
// `remainder` of A₀, as in the first steps, the sum is taken term by term. Terms are left out when
// their share of the sum, below aⱼ/dⱼ and below aⱼ/ε for x ≤ 1, is below `least`.
struct AdamPrecision {
  double remainder, least;
};

struct AdamMovement {
  bool expanded = true;
  double whole = 1.0;  // what the weights before count
  double center = 1.0;
  double a0 = 0.0, a2 = 0.0, a3 = 0.0, a4 = 0.0;
  std::vector<double> a, d;  // unless expanded
};

class AdamMovements {
 public:
  AdamMovements(const AdamOptions& options, const AdamPrecision& precision)
      : options_(options), precision_(precision) {}

  std::uint32_t prepare(const StepHistory& history, Wanted wanted, std::uint64_t s);
  const AdamMovement& get(Wanted wanted, std::uint32_t number) const {
    return movements_[index(wanted)][number];
  }
  // How many numbers the movements of this stamp hold besides themselves.
  std::size_t terms() const { return terms_; }

 private:
  static std::size_t index(Wanted wanted) { return wanted == Wanted::weights ? 0 : 1; }
  void extend_biases(const StepHistory& history);
  void fill(AdamMovement& movement, const StepHistory& history, Wanted wanted, std::uint64_t s);
  void expand(AdamMovement& movement) const;

  AdamOptions options_;
  AdamPrecision precision_;
  PreparedMovements<AdamMovement> movements_[2];
  std::vector<double> a_, d_;          // the terms of the movement that is being filled
  std::vector<double> bias1_, bias2_;  // rings by step, as the history's
  std::uint64_t biases_to_ = 0;        // the newest step in them
  std::uint64_t stamp_ = ~std::uint64_t{0};
  std::size_t terms_ = 0;
};

}  // namespace tapegrad::optim
