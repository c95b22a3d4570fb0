// A plain convolutional network.
#pragma once

#include <vector>

#include <tapegrad/apps/images/image_network.h>
#include <tapegrad/apps/images/image_set.h>
#include <tapegrad/apps/images/normalised_convolution.h>

namespace tapegrad::apps {

struct ImageCnnOptions {
  std::vector<Index> filters = {32, 64};  // by layer
  Index hidden = 128;
  double dropout = 0.5;
};

// Layers of a 3x3 convolution, max pooling, batch normalisation and ReLU, each of which halves the
// sides as long as they have two places or more; then a linear layer to `hidden` with ReLU.
class ImageCnn : public ImageNetwork {
 public:
  ImageCnn(const Scope& scope, const ImageShape& shape, Index outputs,
           const ImageCnnOptions& options);
  Tensor encode(const Tensor& images) const override;

 private:
  std::vector<NormalisedConvolution> layers_;
  std::vector<nn::Linear> hidden_;
};

}  // namespace tapegrad::apps
