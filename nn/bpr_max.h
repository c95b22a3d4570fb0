// A ranking loss against the hardest of several negatives.
#pragma once

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// With s the softmax of a row's negatives, the mean over rows of
//   -log Σⱼ sⱼ·σ(p - nⱼ) + regularisation · Σⱼ sⱼ·nⱼ²
// positive [n] and negatives [n, k] are scores. With row_weights [n] the mean is of each row's loss
// times its weight. Source: Hidasi & Karatzoglou, CIKM 2018, equation
// 10.
Tensor bpr_max(const Located& positive, const Located& negatives, double regularisation = 1.0,
               const Tensor& row_weights = {});

}  // namespace tapegrad::nn
