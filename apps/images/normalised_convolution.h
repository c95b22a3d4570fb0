// A convolution and the normalisation after it.
#pragma once

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

// images [batch, channels, height, width] → [batch, filters, height, width], by a kernel of odd
// size with zeros around the images; its bias is that of the normalisation.
class NormalisedConvolution {
 public:
  NormalisedConvolution(const Scope& scope, Index channels, Index filters, Index kernel)
      : convolution_(scope / "conv", channels, filters, {kernel, kernel},
                     {.padding = {kernel / 2, kernel / 2}}, false),
        norm_(scope / "norm", filters) {}

  Tensor operator()(const Tensor& images) const { return norm_(convolution_(images)); }
  // Halved by the largest of each two by two places, before the normalisation, which has a quarter
  // of the work then. One place that is left over in a row or column is dropped.
  Tensor halved(const Tensor& images) const { return norm_(max_pool2d(convolution_(images))); }

 private:
  nn::Conv2d convolution_;
  nn::BatchNorm2d norm_;
};

}  // namespace tapegrad::apps
