// How bytes of pictures become numbers of networks.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/images/image_set.h>

namespace tapegrad::apps {

// (byte - mean) / deviation, each channel by itself.
struct PixelScale {
  std::vector<float> means, deviations;  // by channel

  PixelScale() = default;
  // Of some of the pictures. A channel that is the same everywhere has a deviation of 1.
  PixelScale(const ImageSet& images, std::span<const Index> some);

  // Of a picture [channels, size, size].
  void apply(std::span<const unsigned char> bytes, std::span<float> to) const;
};

}  // namespace tapegrad::apps
