// Normalisation over the last axis.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

//   y = (x - mean) / √(variance + ε) · weight + bias,   x [..., width]
// Parameters "weight" (ones) and "bias" (zeros), both [width]. Source: Ba et al., 2016.
class LayerNorm {
 public:
  LayerNorm(const Scope& scope, Index width, double epsilon = 1e-5);
  // Throws ShapeError unless the last axis is `width`.
  Tensor operator()(const Located& x) const;

 private:
  std::string path_;
  const Parameter* weight_;
  const Parameter* bias_;
  double epsilon_;
};

}  // namespace tapegrad::nn
