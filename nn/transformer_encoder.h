// The encoder of the Transformer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/layer_norm.h>
#include <tapegrad/nn/linear.h>
#include <tapegrad/nn/mlp.h>
#include <tapegrad/nn/multihead_attention.h>

namespace tapegrad::nn {

struct TransformerOptions {
  Index inner = 2048;    // width of the layer between
  double dropout = 0.1;  // of the probabilities, of the layer between, of what both parts add
  Activation activation = Activation::relu;
  // Normalise what goes into a part, not its sum (Xiong et al., ICML 2020).
  bool norm_first = false;
  bool causal = false;
  double epsilon = 1e-5;  // of the normalisation
};

//   x ← norm1(x + attention(x)),   x ← norm2(x + linear2(activation(linear1(x)))),   or with
//   norm_first
//   x ← x + attention(norm1(x)),   x ← x + linear2(activation(linear1(norm2(x))))
// x [batch, length, width]. Parameters as of PyTorch's TransformerEncoderLayer: "self_attn/...",
// "linear1/...", "linear2/...", "norm1/...", "norm2/...". Source: Vaswani et al., NeurIPS 2017,
// section 3.1.
class TransformerEncoderLayer {
 public:
  TransformerEncoderLayer(const Scope& scope, Index width, Index heads,
                          const TransformerOptions& options = {});
  // mask [batch, length], 0 where there is padding; or none.
  Tensor operator()(const Located& x, const Tensor& mask = {}) const;
  // The places after those that came before, as MultiheadAttention takes them.
  Tensor operator()(const Located& x, KeyValues& past) const;

 private:
  using Attend = std::function<Tensor(const Located&)>;
  Tensor apply(const Located& x, const Attend& attend) const;
  Tensor fed_forward(const Located& x) const;

  std::string path_;
  TransformerOptions options_;
  MultiheadAttention attention_;
  Linear linear1_, linear2_;
  LayerNorm norm1_, norm2_;
};

// Such layers one after another, "layers/0/...", "layers/1/...", and with norm_first a last
// normalisation "norm/...".
class TransformerEncoder {
 public:
  // Throws ValueError for no layers.
  TransformerEncoder(const Scope& scope, Index layers, Index width, Index heads,
                     const TransformerOptions& options = {});
  // Moves are copies: one without its layers would let everything pass.
  TransformerEncoder(const TransformerEncoder&) = default;
  TransformerEncoder& operator=(const TransformerEncoder&) = default;
  Tensor operator()(const Located& x, const Tensor& mask = {}) const;
  // The same with one of `past` for each layer, none at first.
  Tensor operator()(const Located& x, std::vector<KeyValues>& past) const;

 private:
  std::vector<TransformerEncoderLayer> layers_;
  std::optional<LayerNorm> norm_;
};

}  // namespace tapegrad::nn
