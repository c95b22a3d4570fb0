#include <tapegrad/apps/images/image_set.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {
namespace {

// Pixels as numbers, [height, width] of one channel.
struct Plane {
  Index width = 0, height = 0;
  std::vector<float> values;
  float& at(Index y, Index x) { return values[static_cast<std::size_t>(y * width + x)]; }
  float at(Index y, Index x) const { return values[static_cast<std::size_t>(y * width + x)]; }
};

Plane plane_of(const Image& image, Index channel, bool grey) {
  Plane plane{image.width, image.height, {}};
  plane.values.reserve(static_cast<std::size_t>(image.width * image.height));
  for (Index pixel = 0; pixel < image.width * image.height; ++pixel) {
    const auto value = [&](Index c) {
      return static_cast<float>(image.values[static_cast<std::size_t>(pixel * image.channels + c)]);
    };
    if (image.channels == 1)
      plane.values.push_back(value(0));
    else if (grey)
      plane.values.push_back(0.299F * value(0) + 0.587F * value(1) + 0.114F * value(2));
    else
      plane.values.push_back(value(channel));
  }
  return plane;
}

// Along the width, to `width` pixels.
Plane resized_across(const Plane& from, Index width) {
  Plane to{width, from.height, std::vector<float>(static_cast<std::size_t>(width * from.height))};
  const double scale = static_cast<double>(from.width) / static_cast<double>(width);
  const double reach = std::max(1.0, scale);
  std::vector<float> weights;
  for (Index x = 0; x < width; ++x) {
    const double middle = (static_cast<double>(x) + 0.5) * scale - 0.5;
    const Index first = std::max(Index{0}, static_cast<Index>(std::ceil(middle - reach)));
    const Index last = std::min(from.width - 1, static_cast<Index>(std::floor(middle + reach)));
    weights.clear();
    double sum = 0.0;
    for (Index i = first; i <= last; ++i) {
      const double weight = 1.0 - std::abs(static_cast<double>(i) - middle) / reach;
      weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (Index y = 0; y < from.height; ++y) {
      float total = 0.0F;
      for (Index i = first; i <= last; ++i)
        total += weights[static_cast<std::size_t>(i - first)] * from.at(y, i);
      to.at(y, x) = total / static_cast<float>(sum);
    }
  }
  return to;
}

Plane turned(const Plane& from) {
  Plane to{from.height, from.width, std::vector<float>(from.values.size())};
  for (Index y = 0; y < from.height; ++y) {
    for (Index x = 0; x < from.width; ++x) to.at(x, y) = from.at(y, x);
  }
  return to;
}

float mean_of_border(const Plane& plane) {
  double sum = 0.0;
  Index count = 0;
  for (Index y = 0; y < plane.height; ++y) {
    const bool is_edge = y == 0 || y == plane.height - 1;
    for (Index x = 0; x < plane.width; ++x) {
      if (!is_edge && x != 0 && x != plane.width - 1) continue;
      sum += static_cast<double>(plane.at(y, x));
      ++count;
    }
  }
  return static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

std::vector<unsigned char> fitted(const Image& image, const ImageShape& shape) {
  const Index longer = std::max(image.width, image.height);
  const auto scaled = [&](Index side) {
    const double exact =
        static_cast<double>(side) * static_cast<double>(shape.size) / static_cast<double>(longer);
    return std::max(Index{1}, static_cast<Index>(std::lround(exact)));
  };
  const Index width = scaled(image.width), height = scaled(image.height);
  std::vector<unsigned char> values(static_cast<std::size_t>(shape.numbers()));
  for (Index c = 0; c < shape.channels; ++c) {
    const Plane whole = plane_of(image, c, shape.channels == 1);
    const Plane small = turned(resized_across(turned(resized_across(whole, width)), height));
    const Index left = (shape.size - width) / 2, top = (shape.size - height) / 2;
    const float border = width == height ? 0.0F : mean_of_border(whole);
    for (Index y = 0; y < shape.size; ++y) {
      for (Index x = 0; x < shape.size; ++x) {
        const Index from_y = y - top, from_x = x - left;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        const float value = inside ? small.at(from_y, from_x) : border;
        values[static_cast<std::size_t>(c * shape.pixels() + y * shape.size + x)] =
            static_cast<unsigned char>(std::lround(std::clamp(value, 0.0F, 255.0F)));
      }
    }
  }
  return values;
}

}  // namespace tapegrad::apps
