#include <tapegrad/apps/images/augmentation.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace tapegrad::apps {
namespace {

struct Planes {
  std::span<float> values;
  Index channels, size;
  float* row(Index channel, Index y) const { return values.data() + (channel * size + y) * size; }
};

// By whole pixels; the edge goes on where nothing comes in.
void move(const Planes& planes, Index down, Index right) {
  const std::vector<float> from(planes.values.begin(), planes.values.end());
  const Index size = planes.size;
  const auto inside = [size](Index i) { return std::clamp(i, Index{0}, size - 1); };
  for (Index c = 0; c < planes.channels; ++c) {
    for (Index y = 0; y < size; ++y) {
      const float* source = from.data() + (c * size + inside(y - down)) * size;
      for (Index x = 0; x < size; ++x) planes.row(c, y)[x] = source[inside(x - right)];
    }
  }
}

// What a window of the size `part` of each side from (top, left) shows, stretched, bilinear.
void stretch(const Planes& planes, double part, double top, double left) {
  const std::vector<float> from(planes.values.begin(), planes.values.end());
  const Index size = planes.size;
  const auto place = [&](Index i, double start) {
    const double exact = start + (static_cast<double>(i) + 0.5) * part - 0.5;
    return std::clamp(exact, 0.0, static_cast<double>(size - 1));
  };
  for (Index c = 0; c < planes.channels; ++c) {
    const float* plane = from.data() + c * size * size;
    for (Index y = 0; y < size; ++y) {
      const double exact_y = place(y, top);
      const auto y0 = static_cast<Index>(exact_y), y1 = std::min(size - 1, y0 + 1);
      const auto dy = static_cast<float>(exact_y - static_cast<double>(y0));
      for (Index x = 0; x < size; ++x) {
        const double exact_x = place(x, left);
        const auto x0 = static_cast<Index>(exact_x), x1 = std::min(size - 1, x0 + 1);
        const auto dx = static_cast<float>(exact_x - static_cast<double>(x0));
        const auto between = [&](Index line) {
          return plane[line * size + x0] * (1.0F - dx) + plane[line * size + x1] * dx;
        };
        planes.row(c, y)[x] = between(y0) * (1.0F - dy) + between(y1) * dy;
      }
    }
  }
}

void erase(const Planes& planes, Random& random) {
  const double side = static_cast<double>(planes.size);
  const double area = random.uniform(0.02, 0.25) * side * side;
  const double ratio = std::exp(random.uniform(-1.0, 1.0));  // of height to width
  const auto extent = [&](double exact) {
    return std::clamp(static_cast<Index>(std::lround(exact)), Index{1}, planes.size);
  };
  const Index height = extent(std::sqrt(area * ratio)), width = extent(std::sqrt(area / ratio));
  const Index top = random.below(planes.size - height + 1),
              left = random.below(planes.size - width + 1);
  for (Index c = 0; c < planes.channels; ++c) {
    for (Index y = top; y < top + height; ++y) std::fill_n(planes.row(c, y) + left, width, 0.0F);
  }
}

}  // namespace

void flip(std::span<float> picture, const ImageShape& shape) {
  for (Index row = 0; row < shape.channels * shape.size; ++row) {
    float* first = picture.data() + row * shape.size;
    std::reverse(first, first + shape.size);
  }
}

void augment(std::span<float> picture, const ImageShape& shape, const Augmentation& options,
             Random& random) {
  const Planes planes{picture, shape.channels, shape.size};
  if (options.flips && random.below(2) == 1) flip(picture, shape);
  if (options.crop > 0.0) {
    const double part = 1.0 - random.uniform(0.0, options.crop);
    const double room = (1.0 - part) * static_cast<double>(shape.size);
    const double top = random.uniform(0.0, room), left = random.uniform(0.0, room);
    stretch(planes, part, top, left);
  }
  if (options.shift > 0) {
    const Index most = std::min(options.shift, shape.size - 1);
    const Index down = random.below(2 * most + 1) - most, right = random.below(2 * most + 1) - most;
    move(planes, down, right);
  }
  if (options.erase > 0.0 && random.uniform(0.0, 1.0) < options.erase) erase(planes, random);
}

}  // namespace tapegrad::apps
