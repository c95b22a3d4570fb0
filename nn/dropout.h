// Dropout as a layer.
#pragma once

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

// Zeroes elements with probability `rate` and scales the others by 1/(1 - rate), in training mode
// only. Source: Srivastava et al., JMLR 2014, in its inverted form.
struct Dropout {
  double rate = 0.5;
  Tensor operator()(const Located& x) const { return dropout(x, rate); }
};

}  // namespace tapegrad::nn
