// The softmax over a large vocabulary, estimated from samples.
#pragma once

#include <span>

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// The mean over rows of -log softmax at the target, over the target and the negatives, which all
// rows share:
//   logit(c) = ⟨x, w_c⟩ + b_c - log q_c
// with q the probability that a negative is c, so that the gradient is the full softmax's in the
// limit of many negatives. A negative that is the row's target does not count. x [n, width],
// weights [classes, width], bias [classes] or none, targets [n], log_q by class. With row_weights
// [n] the mean is of each row's loss times its weight. Throws ValueError for ids out of range, no
// negatives, or a log_q or row weights of another size. Source: Bengio & Senécal, 2003;
// Jean et al., ACL 2015, section 3.2.
Tensor sampled_softmax(const Located& x, const Tensor& weights, const Tensor& bias,
                       std::span<const Index> targets, std::span<const Index> negatives,
                       std::span<const double> log_q, const Tensor& row_weights = {});

}  // namespace tapegrad::nn
