// Pictures of one size, as networks read them.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/images/image.h>

namespace tapegrad::apps {

// What pictures are made alike to: squares of `size` pixels a side.
struct ImageShape {
  Index channels = 1;  // 1: grey; 3: red, green, blue
  Index size = 0;
  Index pixels() const { return size * size; }
  Index numbers() const { return channels * pixels(); }
};

// The largest side of pictures that networks read.
inline constexpr Index largest_image_size = 1024;

// The picture with its longer side at the size of the shape and its middle in the middle; what is
// left at the sides has the mean colour of the picture's border. [channels, size, size]. Sizes
// change by weights that fall off linearly over a pixel of the smaller of the two pictures, so
// that nothing is left out where a picture shrinks. Grey is .299 red + .587 green + .114 blue.
std::vector<unsigned char> fitted(const Image& image, const ImageShape& shape);

// Pictures one after another.
struct ImageSet {
  ImageShape shape;
  std::vector<unsigned char> values;  // [pictures, channels, size, size]

  Index count() const {
    return shape.numbers() == 0 ? 0 : static_cast<Index>(values.size()) / shape.numbers();
  }
  std::span<const unsigned char> of(Index picture) const {
    const auto numbers = static_cast<std::size_t>(shape.numbers());
    return std::span(values).subspan(static_cast<std::size_t>(picture) * numbers, numbers);
  }
};

}  // namespace tapegrad::apps
