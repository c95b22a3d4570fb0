// Multi-head attention.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/linear.h>
#include <tapegrad/nn/sequences.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

struct MultiheadAttentionOptions {
  bool causal = false;
  double dropout = 0.0;  // of the probabilities, in training mode
  bool bias = true;
};

// The keys and values of what was attended to before, [batch, length, width]; none at first.
struct KeyValues {
  Tensor keys, values;
};

// Queries, keys and values are projected, attended to head by head (attention()), and projected
// once more. Inputs [batch, length, width]. Parameters as of PyTorch's MultiheadAttention:
// "in_proj_weight" [3·width, width], Xavier-uniform, and "in_proj_bias", "out_proj/weight" and
// "out_proj/bias"; biases start at 0. Source: Vaswani et al., NeurIPS 2017, section 3.2.2.
class MultiheadAttention {
 public:
  // Throws ValueError unless the heads divide the width.
  MultiheadAttention(const Scope& scope, Index width, Index heads,
                     const MultiheadAttentionOptions& options = {});
  // To itself. mask [batch, length], 0 where there is padding; or none.
  Tensor operator()(const Located& x, const Tensor& mask = {}) const;
  // To itself and to what came before, which x is added to: for an answer place by place, without
  // looking at all of the past again.
  Tensor operator()(const Located& x, KeyValues& past) const;
  // To itself, each of the sequences, [width] a row.
  Sequences operator()(const Sequences& x, SourceLine line = SourceLine::here()) const;
  // To others [batch, keys, width].
  Tensor operator()(const Located& query, const Located& key, const Located& value,
                    const Tensor& mask = {}) const;

 private:
  Tensor project(const Located& x, Index first, Index last) const;

  std::string path_;
  Index width_, heads_;
  MultiheadAttentionOptions options_;
  const Parameter* weight_;
  const Parameter* bias_ = nullptr;
  Linear output_;
};

}  // namespace tapegrad::nn
