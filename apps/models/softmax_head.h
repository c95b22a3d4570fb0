// The last layer of models that choose among many classes.
#pragma once

#include <span>

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

// states·Wᵀ + b: states [n, width], W [classes, width], b [classes] → [n, classes].
Tensor softmax_head_logits(const Tensor& states, const Parameter& weight, const Parameter& bias);

// The mean cross-entropy of these logits; rows whose class is -100 do not count. With row_weights
// [n] it is the mean over all rows of the cross-entropy times the weight. Many logits are never
// held in memory together.
Tensor softmax_head_loss(const Tensor& states, const Parameter& weight, const Parameter& bias,
                         std::span<const Index> classes, const Tensor& row_weights = {});

}  // namespace tapegrad::apps
