#include <tapegrad/apps/images/image_cnn.h>

#include <string>

namespace tapegrad::apps {

ImageCnn::ImageCnn(const Scope& scope, const ImageShape& shape, Index outputs,
                   const ImageCnnOptions& options)
    : ImageNetwork(scope, options.hidden, outputs, options.dropout) {
  Index channels = shape.channels, side = shape.size;
  for (const Index filters : options.filters) {
    layers_.emplace_back(scope / "layers" / std::to_string(layers_.size()), channels, filters, 3);
    channels = filters;
    if (side > 1) side /= 2;
  }
  hidden_.emplace_back(scope / "hidden", channels * side * side, options.hidden);
}

Tensor ImageCnn::encode(const Tensor& images) const {
  Tensor x = images;
  for (const NormalisedConvolution& layer : layers_)
    x = relu(x.shape()[2] > 1 ? layer.halved(x) : layer(x));
  return relu(hidden_.front()(nn::Flatten()(x)));
}

}  // namespace tapegrad::apps
