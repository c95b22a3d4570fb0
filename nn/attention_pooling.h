// One vector for a sequence: a mean whose weights are learned.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/linear.h>
#include <tapegrad/nn/sequences.h>

namespace tapegrad::nn {

//   α = softmax over t of ⟨u, tanh(W·xₜ + b)⟩,   y = Σ αₜ·xₜ
// Parameters "projection/weight", "projection/bias" and "query" (u) [hidden]. Source: Yang et al.,
// NAACL 2016, equations 5 to 7.
class AttentionPooling {
 public:
  AttentionPooling(const Scope& scope, Index width, Index hidden);
  // x [batch, length, width] → [batch, width]; mask [batch, length], 0 where there is padding, or
  // none. All padding gives zeros.
  Tensor operator()(const Located& x, const Tensor& mask = {}) const;
  Tensor operator()(const Sequences& x, SourceLine line = SourceLine::here()) const;

 private:
  Tensor scores(const Located& x) const;  // [...], of x [..., width]

  std::string path_;
  Linear projection_;
  const Parameter* query_;
};

}  // namespace tapegrad::nn
