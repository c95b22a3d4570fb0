// A Transformer layer whose branches are gated.
#pragma once

#include <functional>
#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/layer_norm.h>
#include <tapegrad/nn/linear.h>
#include <tapegrad/nn/multihead_attention.h>

namespace tapegrad::nn {

struct LigrOptions {
  Index inner = 256;     // width of the layer between
  double dropout = 0.1;  // of the probabilities, of the layer between, of what both parts add
  bool causal = false;
  double epsilon = 1e-5;  // of the normalisation
};

//   x ← x + attention(norm1(x)) · σ(gate1(x)),   x ← x + swiglu(norm2(x)) · σ(gate2(x)),   with
//   swiglu(y) = linear3(silu(linear1(y)) · linear2(y)) without biases
// x [batch, length, width]. Parameters "self_attn/...", "norm1/...", "norm2/...", "gate1/...",
// "gate2/...", "linear1/...", "linear2/...", "linear3/...". Sources: the layer of Borisyuk et al.,
// "LiGR", 2025, as Tikhonovich et al., "eSASRec", RecSys 2025, use it; Shazeer, "GLU variants
// improve Transformer", 2020.
class LigrLayer {
 public:
  LigrLayer(const Scope& scope, Index width, Index heads, const LigrOptions& options = {});
  // mask [batch, length], 0 where there is padding; or none.
  Tensor operator()(const Located& x, const Tensor& mask = {}) const;
  // The places after those that came before, as MultiheadAttention takes them.
  Tensor operator()(const Located& x, KeyValues& past) const;

 private:
  Tensor apply(const Located& x, const std::function<Tensor(const Located&)>& attend) const;
  Tensor gated(const Located& branch, const Linear& gate, const Located& x) const;
  Tensor fed_forward(const Located& x) const;

  std::string path_;
  LigrOptions options_;
  MultiheadAttention attention_;
  LayerNorm norm1_, norm2_;
  Linear gate1_, gate2_, linear1_, linear2_, linear3_;
};

}  // namespace tapegrad::nn
