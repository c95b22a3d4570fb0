// Convolution of sequences that sees nothing of the future.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/linear.h>

namespace tapegrad::nn {

// x [batch, length, channels] → [batch, length, filters]: at place t a linear layer of the places
// t - dilation·(kernel - 1), ..., t - dilation, t, one after another, with zeros before the
// beginning. Parameters of the linear layer: "weight" [filters, kernel·channels], "bias" [filters].
// Source: van den Oord et al., "WaveNet", 2016, section 2.1.
class CausalConv1d {
 public:
  // Throws ValueError unless the kernel and the dilation are positive.
  CausalConv1d(const Scope& scope, Index channels, Index filters, Index kernel, Index dilation = 1);
  Tensor operator()(const Located& x) const;

 private:
  std::string path_;
  Index kernel_, dilation_;
  Linear linear_;
};

}  // namespace tapegrad::nn
