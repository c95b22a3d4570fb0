// RMSprop.
#pragma once

#include <tapegrad/optim/optimizer.h>

namespace tapegrad::optim {

struct RmspropOptions {
  double learning_rate = 1e-2;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double momentum = 0.0;
  bool centered = false;      // the variance of the gradients in the place of their mean square
  double weight_decay = 0.0;  // L2: joins the gradient
  int threads = 0;
};

//   v ← αv + (1-α)g²,   m ← αm + (1-α)g,   d = g/(√v + ε), or centered g/(√(v - m²) + ε),   b ← μb
//   + d,   w ← w - rate·b
// Source: Tieleman & Hinton, 2012; centered: Graves, 2013; in PyTorch's form. Row-sparse gradients
// give the dense rule's numbers to rounding; with L2 they are made dense.
class Rmsprop : public Optimizer {
 public:
  explicit Rmsprop(const RmspropOptions& options = {});

 protected:
  std::shared_ptr<ParameterState> make_state(Parameter& parameter) override;

 private:
  RmspropOptions options_;
};

}  // namespace tapegrad::optim
