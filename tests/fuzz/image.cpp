// Pictures of PNG and JPEG. No more than the limit is unpacked.
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_set.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  constexpr std::size_t most_pixels = std::size_t{1} << 18;
  fuzz::accepted([&] {
    const Image image =
        decode_image({reinterpret_cast<const char*>(data), size}, "input", most_pixels);
    const auto pixels = static_cast<std::size_t>(image.width * image.height);
    fuzz::require(pixels > 0 && pixels <= most_pixels);
    fuzz::require(image.values.size() == pixels * static_cast<std::size_t>(image.channels));
    fuzz::require(fitted(image, {.channels = 3, .size = 8}).size() == 192);
  });
  return 0;
}
