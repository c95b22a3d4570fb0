#include <tapegrad/apps/images/pixel_scale.h>

#include <cmath>
#include <cstdint>

namespace tapegrad::apps {

PixelScale::PixelScale(const ImageSet& images, std::span<const Index> some) {
  const auto pixels = static_cast<std::size_t>(images.shape.pixels());
  const double count = static_cast<double>(some.size() * pixels);
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.shape.channels); ++c) {
    std::uint64_t sum = 0, squares = 0;  // exact
    for (const Index picture : some) {
      for (const unsigned char byte : images.of(picture).subspan(c * pixels, pixels)) {
        sum += byte;
        squares += std::uint64_t{byte} * byte;
      }
    }
    const double mean = static_cast<double>(sum) / count;
    const double variance = static_cast<double>(squares) / count - mean * mean;
    means.push_back(static_cast<float>(mean));
    deviations.push_back(variance > 1e-9 ? static_cast<float>(std::sqrt(variance)) : 1.0F);
  }
}

void PixelScale::apply(std::span<const unsigned char> bytes, std::span<float> to) const {
  const std::size_t pixels = bytes.size() / means.size();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    to[i] = (static_cast<float>(bytes[i]) - means[i / pixels]) / deviations[i / pixels];
}

}  // namespace tapegrad::apps
