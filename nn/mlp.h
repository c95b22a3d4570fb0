// The multi-layer perceptron.
#pragma once

#include <vector>

#include <tapegrad/nn/linear.h>

namespace tapegrad::nn {

enum class Activation { none, relu, tanh, sigmoid, gelu, silu, leaky_relu, elu };
Tensor activate(const Located& x, Activation activation);

struct MlpOptions {
  Activation activation = Activation::relu;
  Activation last = Activation::none;  // after the last layer
  double dropout = 0.0;                // after each activation but the last
  LinearOptions linear = {};
};

// Linear layers widths[0] → widths[1] → ... with activations between; parameters "0/weight",
// "0/bias", "1/weight", ...
class Mlp {
 public:
  // Throws ValueError for fewer than two widths.
  Mlp(const Scope& scope, const std::vector<Index>& widths, const MlpOptions& options = {});
  // Moves are copies: one without its layers would let everything pass.
  Mlp(const Mlp&) = default;
  Mlp& operator=(const Mlp&) = default;
  Tensor operator()(const Located& x) const;

 private:
  MlpOptions options_;
  std::vector<Linear> layers_;
};

}  // namespace tapegrad::nn
