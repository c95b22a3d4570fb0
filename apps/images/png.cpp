// PNG by libpng's simplified interface, which makes 8 bits a channel of any depth.
#include <png.h>

#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_formats.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::apps {
namespace {

// What libpng keeps of a picture is freed in every case.
struct Png {
  png_image image{};
  Png() { image.version = PNG_IMAGE_VERSION; }
  ~Png() { png_image_free(&image); }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;
};

}  // namespace

Image decode_png(std::string_view bytes, const std::string& name, std::size_t max_pixels) {
  Png png;
  const auto refuse = [&] {
    throw DataError(fmt::format("{}: expected a whole PNG picture, got a damaged one ({})", name,
                                static_cast<const char*>(png.image.message)));
  };
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) refuse();
  check_image_size(png.image.width, png.image.height, name, max_pixels);
  png.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits are no more linear than 8
  const bool has_colour = (png.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.image.format = has_colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Image image{.width = static_cast<Index>(png.image.width),
              .height = static_cast<Index>(png.image.height),
              .channels = has_colour ? 3 : 1,
              .values = std::vector<unsigned char>(PNG_IMAGE_SIZE(png.image))};
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png.image, &white, image.values.data(), 0, nullptr) == 0) refuse();
  return image;
}

void write_png(const std::string& path, const Image& image) {
  Png png;
  png.image.width = static_cast<png_uint_32>(image.width);
  png.image.height = static_cast<png_uint_32>(image.height);
  png.image.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  std::vector<unsigned char> bytes(PNG_IMAGE_PNG_SIZE_MAX(png.image));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png.image, bytes.data(), &size, 0, image.values.data(), 0,
                                nullptr) == 0)
    throw Error(fmt::format("{}: the picture cannot be written: {}", path,
                            static_cast<const char*>(png.image.message)));
  nn::ReplacedFile file(path);
  file.write(reinterpret_cast<const char*>(bytes.data()), size);
  file.commit();
}

}  // namespace tapegrad::apps
