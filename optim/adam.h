// Adam and AdamW.
#pragma once

#include <tapegrad/optim/optimizer.h>

namespace tapegrad::optim {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  // The decay multiplies the weights by 1 - rate·decay (AdamW); else it joins the gradient (L2).
  bool decoupled = false;
  int threads = 0;
};

//   m ← β₁m + (1-β₁)g,   v ← β₂v + (1-β₂)g²,   w ← w - rate · m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
// Source: Kingma & Ba, ICLR 2015; decoupled decay: Loshchilov & Hutter, ICLR 2019. Row-sparse
// gradients give the dense rule's numbers to rounding; with L2 every row moves at every step, so
// they are made dense.
class Adam : public Optimizer {
 public:
  explicit Adam(const AdamOptions& options = {});

 protected:
  std::shared_ptr<ParameterState> make_state(Parameter& parameter) override;

 private:
  AdamOptions options_;
};

class AdamW : public Adam {
 public:
  explicit AdamW(AdamOptions options = {.weight_decay = 0.01}) : Adam(decoupled(options)) {}

 private:
  static AdamOptions decoupled(AdamOptions options) {
    options.decoupled = true;
    return options;
  }
};

}  // namespace tapegrad::optim
