// A small residual network.
#pragma once

#include <optional>
#include <vector>

#include <tapegrad/apps/images/image_network.h>
#include <tapegrad/apps/images/image_set.h>
#include <tapegrad/apps/images/normalised_convolution.h>

namespace tapegrad::apps {

// relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)) with 3x3 kernels; the shortcut is x itself,
// or where the number of channels changes a normalised 1x1 convolution of it. Source: He et al.,
// CVPR 2016, figure 2 and option B.
class ResidualBlock {
 public:
  ResidualBlock(const Scope& scope, Index channels, Index filters);
  Tensor operator()(const Tensor& x) const;

 private:
  NormalisedConvolution first_, second_;
  std::optional<NormalisedConvolution> shortcut_;
};

struct ImageResnetOptions {
  // Of the first layer, and of each stage after it.
  std::vector<Index> filters = {24, 48, 96};
  Index blocks = 1;  // residual blocks a stage
  double dropout = 0.0;
};

// A 3x3 convolution whose output is halved, stages of residual blocks, each at half the sides of
// the one before it, and the mean of all places.
class ImageResnet : public ImageNetwork {
 public:
  ImageResnet(const Scope& scope, const ImageShape& shape, Index outputs,
              const ImageResnetOptions& options);
  Tensor encode(const Tensor& images) const override;

 private:
  NormalisedConvolution first_;
  std::vector<std::vector<ResidualBlock>> stages_;
};

}  // namespace tapegrad::apps
