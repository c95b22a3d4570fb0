// Convolution of images as a layer.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

// images [batch, channels, height, width] → [batch, filters, ...]. Parameters "weight" [filters,
// channels/groups, height, width] and "bias" [filters], uniform in ±1/√(channels/groups · height ·
// width), as in PyTorch.
class Conv2d {
 public:
  Conv2d(const Scope& scope, Index channels, Index filters, std::array<Index, 2> kernel,
         const Conv2dOptions& options = {}, bool bias = true);
  Tensor operator()(const Located& images) const;

 private:
  std::string path_;
  const Parameter* weight_;
  const Parameter* bias_ = nullptr;
  Conv2dOptions options_;
};

}  // namespace tapegrad::nn
