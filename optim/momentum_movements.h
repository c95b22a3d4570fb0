// How rows move on while their momentum runs out.
#pragma once

#include <cstdint>

#include <tapegrad/optim/prepared_movements.h>

namespace tapegrad::optim {

struct MomentumMovement {
  double sum = 0.0;
};

// Without gradients a buffer b shrinks by μ a step, so from step s on a row moves by -b·Σ
// rateⱼ·μ^(j-s), the sum over s < j ≤ t.
class MomentumMovements {
 public:
  std::uint32_t prepare(const StepHistory& history, Wanted wanted, double momentum,
                        std::uint64_t s) {
    return movements_[index(wanted)].prepare(
        history, s, [&](MomentumMovement& movement, std::uint64_t from) {
          double power = 1.0;
          movement.sum = 0.0;
          for (std::uint64_t j = from + 1; j <= history.step() && power > 1e-18; ++j) {
            power *= momentum;
            movement.sum += history.rate(wanted, j) * power;
          }
        });
  }
  double sum(Wanted wanted, std::uint32_t number) const {
    return movements_[index(wanted)][number].sum;
  }

 private:
  static std::size_t index(Wanted wanted) { return wanted == Wanted::weights ? 0 : 1; }

  PreparedMovements<MomentumMovement> movements_[2];
};

}  // namespace tapegrad::optim
