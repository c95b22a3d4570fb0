// Convolution of sequences as a layer.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

struct Conv1dOptions {
  Index stride = 1;
  Index padding = 0;  // zeros on each side
  Index dilation = 1;
  Index groups = 1;
  bool bias = true;
};

// x [batch, channels, length] → [batch, filters, ...]. Parameters "weight" [filters,
// channels/groups, kernel] and "bias" [filters], uniform in ±1/√(channels/groups · kernel), as in
// PyTorch.
class Conv1d {
 public:
  // Throws ValueError unless the groups divide the channels.
  Conv1d(const Scope& scope, Index channels, Index filters, Index kernel,
         const Conv1dOptions& options = {});
  Tensor operator()(const Located& x) const;

 private:
  std::string path_;
  const Parameter* weight_;
  const Parameter* bias_ = nullptr;
  Conv1dOptions options_;
};

}  // namespace tapegrad::nn
