// Cross-entropy of seen items against sampled unseen ones.
#pragma once

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// The mean over rows of -log σ(p) - Σⱼ log(1 - σ(nⱼ)): positive [n] and negatives [n, k] are
// logits. With row_weights [n] the mean is of each row's loss times its weight. Source: Mikolov et
// al., NeurIPS 2013, equation 4; Kang & McAuley, ICDM 2018, section III-E.
Tensor sampled_binary_cross_entropy(const Located& positive, const Located& negatives,
                                    const Tensor& row_weights = {});

}  // namespace tapegrad::nn
