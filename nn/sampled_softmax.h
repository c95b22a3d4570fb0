// The softmax over a large vocabulary, estimated from samples.
#pragma once

#include <span>

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// How the target takes part in the sampled softmax.
enum class SampledTarget {
  // As one more sample: its logit is lowered by log q as those of the negatives are. Rare targets
  // look more probable than they are, and are learnt less. Source: Jean et al., ACL 2015,
  // section 3.2.
  corrected,
  // With its own logit, while those of the n negatives are lowered by log(n·q): the sum of the
  // exponentials is then an unbiased estimate of the full softmax's, and the loss an estimate of
  // the full cross-entropy. Source: Bengio & Senécal, AISTATS 2003.
  exact
};

// The mean over rows of -log softmax at the target, over the target and the negatives, which all
// rows share. The logit of class c is ⟨x, w_c⟩ + b_c, lowered as SampledTarget says, with q the
// probability that a negative is c. A negative that is the row's target does not count. x [n,
// width], weights [classes, width], bias [classes] or none, targets [n], log_q by class. With
// row_weights [n] the mean is of each row's loss times its weight. Throws ValueError for ids out of
// range, no negatives, or a log_q or row weights of another size.
Tensor sampled_softmax(const Located& x, const Tensor& weights, const Tensor& bias,
                       std::span<const Index> targets, std::span<const Index> negatives,
                       std::span<const double> log_q, const Tensor& row_weights = {},
                       SampledTarget target = SampledTarget::corrected);

}  // namespace tapegrad::nn
