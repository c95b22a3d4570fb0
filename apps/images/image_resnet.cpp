#include <tapegrad/apps/images/image_resnet.h>

#include <string>

namespace tapegrad::apps {
namespace {

Tensor halved(const Tensor& x) { return x.shape()[2] > 1 ? max_pool2d(x) : x; }

}  // namespace

ResidualBlock::ResidualBlock(const Scope& scope, Index channels, Index filters)
    : first_(scope / "first", channels, filters, 3),
      second_(scope / "second", filters, filters, 3) {
  if (channels != filters) shortcut_.emplace(scope / "shortcut", channels, filters, 1);
}

Tensor ResidualBlock::operator()(const Tensor& x) const {
  const Tensor beside = shortcut_ ? (*shortcut_)(x) : x;
  return relu(second_(relu(first_(x))) + beside);
}

ImageResnet::ImageResnet(const Scope& scope, const ImageShape& shape, Index outputs,
                         const ImageResnetOptions& options)
    : ImageNetwork(scope, options.filters.back(), outputs, options.dropout),
      first_(scope / "first", shape.channels, options.filters.front(), 3) {
  for (std::size_t stage = 1; stage < options.filters.size(); ++stage) {
    Index channels = options.filters[stage - 1];
    std::vector<ResidualBlock>& blocks = stages_.emplace_back();
    for (Index block = 0; block < options.blocks; ++block) {
      blocks.emplace_back(scope / "stages" / std::to_string(stage - 1) / std::to_string(block),
                          channels, options.filters[stage]);
      channels = options.filters[stage];
    }
  }
}

Tensor ImageResnet::encode(const Tensor& images) const {
  Tensor x = relu(images.shape()[2] > 1 ? first_.halved(images) : first_(images));
  for (const std::vector<ResidualBlock>& blocks : stages_) {
    if (&blocks != &stages_.front()) x = halved(x);
    for (const ResidualBlock& block : blocks) x = block(x);
  }
  return nn::GlobalAvgPool()(x);
}

}  // namespace tapegrad::apps
