// Adagrad.
#pragma once

#include <tapegrad/optim/optimizer.h>

namespace tapegrad::optim {

struct AdagradOptions {
  double learning_rate = 1e-2;
  double epsilon = 1e-10;
  double initial_accumulator = 0.0;
  double weight_decay = 0.0;  // L2: joins the gradient
  int threads = 0;
};

//   s ← s + g²,   w ← w - rate·g/(√s + ε)
// Source: Duchi et al., JMLR 2011. Rows without a gradient rest, so row-sparse gradients are the
// dense rule without more; with L2 they are made dense.
class Adagrad : public Optimizer {
 public:
  explicit Adagrad(const AdagradOptions& options = {});

 protected:
  std::shared_ptr<ParameterState> make_state(Parameter& parameter) override;

 private:
  AdagradOptions options_;
};

}  // namespace tapegrad::optim
