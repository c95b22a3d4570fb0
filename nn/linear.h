// The fully connected layer.
#pragma once

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

struct LinearOptions {
  bool bias = true;
  Initialiser weight = {};  // empty: uniform in ±1/√in, PyTorch's default
  Initialiser bias_values = {};
};

//   y = x·Wᵀ + b,   x [..., in], W [out, in], b [out], y [..., out]
// Parameters "weight" and "bias", as in PyTorch's state dict.
class Linear {
 public:
  Linear(const Scope& scope, Index in, Index out, const LinearOptions& options = {});
  Tensor operator()(const Located& x) const;

  const Parameter& weight() const { return *weight_; }
  // Null without one.
  const Parameter* bias() const { return bias_; }

 private:
  std::string path_;
  const Parameter* weight_;
  const Parameter* bias_ = nullptr;
};

}  // namespace tapegrad::nn
