// Stochastic gradient descent.
#pragma once

#include <tapegrad/optim/optimizer.h>

namespace tapegrad::optim {

struct SgdOptions {
  double learning_rate = 1e-2;
  double momentum = 0.0;
  bool nesterov = false;
  double weight_decay = 0.0;  // L2: joins the gradient
  int threads = 0;
};

//   b ← μb + g,   w ← w - rate·b,   or with Nesterov's momentum w ← w - rate·(g + μb)
// Source: Sutskever et al., ICML 2013, in PyTorch's form. Row-sparse gradients give the dense
// rule's numbers to rounding; with L2 they are made dense.
class Sgd : public Optimizer {
 public:
  explicit Sgd(const SgdOptions& options = {});

 protected:
  std::shared_ptr<ParameterState> make_state(Parameter& parameter) override;

 private:
  SgdOptions options_;
};

}  // namespace tapegrad::optim
