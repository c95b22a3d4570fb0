// The loss gBCE of sampled negatives, whose scores do not become overconfident.
#pragma once

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// The mean over rows of
//   -β·log σ(p) - Σⱼ (1 - hⱼ)·log(1 - σ(nⱼ))
// positive [n] and negatives [n, k] are logits. hits [n, k] are 1 for negatives that are the row's
// target (sampled_hits()); or none. With row_weights [n] the mean is of each row's loss times its
// weight. Source: Petrov & Macdonald, "gSASRec", RecSys 2023, equation 7.
Tensor generalised_binary_cross_entropy(const Located& positive, const Located& negatives,
                                        const Tensor& hits, double beta,
                                        const Tensor& row_weights = {});

// The β of k negatives out of so many classes at calibration t in [0, 1], with α = k / (classes -
// 1):  α·(t·(1 - 1/α) + 1/α). At t = 0 it is 1, the usual loss; at t = 1 it is α, with which σ of
// the scores become the probabilities that no sampling would give. Source: equation 13 there.
double gbce_beta(Index negatives, Index classes, double calibration);

}  // namespace tapegrad::nn
