// What tells a model the order of its inputs.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

// x [..., length, width] plus the first rows of the parameter "weight" [longest, width].
class LearnedPositions {
 public:
  LearnedPositions(const Scope& scope, Index longest, Index width,
                   const Initialiser& weight = normal(0.0, 0.02));
  // Throws ShapeError for a length above the longest.
  Tensor operator()(const Located& x) const;

 private:
  std::string path_;
  const Parameter* weight_;
};

// x [..., length, width] plus p, with
//   p[t, 2i] = sin(t / 10000^(2i/width)),   p[t, 2i+1] = cos(t / 10000^(2i/width))
// Source: Vaswani et al., NeurIPS 2017, section 3.5.
struct SinusoidalPositions {
  Tensor operator()(const Located& x) const;
};

}  // namespace tapegrad::nn
