// Pooling of images and flattening as modules.
#pragma once

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

// max_pool2d() and avg_pool2d(): images [batch, channels, height, width].
struct MaxPool2d {
  Pool2dOptions options = {};
  Tensor operator()(const Located& x) const { return max_pool2d(x, options); }
};
struct AvgPool2d {
  Pool2dOptions options = {};
  Tensor operator()(const Located& x) const { return avg_pool2d(x, options); }
};

// [batch, channels, ...] → [batch, channels]: the mean, or the largest, of all places.
struct GlobalAvgPool {
  Tensor operator()(const Located& x) const;
};
struct GlobalMaxPool {
  Tensor operator()(const Located& x) const;
};

// [batch, ...] → [batch, numbers].
struct Flatten {
  Tensor operator()(const Located& x) const;
};

}  // namespace tapegrad::nn
