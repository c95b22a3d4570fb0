#include <tapegrad/apps/images/image_file.h>

#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/file_bytes.h>
#include <tapegrad/apps/images/image_formats.h>

namespace tapegrad::apps {

bool has_image_ending(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string ending = lower_case(path.substr(dot + 1));
  return ending == "png" || ending == "jpg" || ending == "jpeg";
}

void check_image_size(std::size_t width, std::size_t height, const std::string& name,
                      std::size_t max_pixels) {
  if (width == 0 || height == 0)
    throw DataError(fmt::format("{}: expected a picture with pixels, got {} x {} of them", name,
                                width, height));
  if (height > max_pixels / width)
    throw DataError(
        fmt::format("{}: expected a picture of at most {} megapixels, got one of {} x {} pixels: "
                    "--max-megapixels raises that",
                    name, max_pixels / 1'000'000, width, height));
}

Image decode_image(std::string_view bytes, const std::string& name, std::size_t max_pixels) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return decode_png(bytes, name, max_pixels);
  if (bytes.starts_with("\xFF\xD8\xFF")) return decode_jpeg(bytes, name, max_pixels);
  throw DataError(fmt::format("{}: expected a picture, PNG or JPEG, got {}", name,
                              bytes.empty() ? "an empty file" : "something else"));
}

Image read_image(const std::string& path, std::size_t max_pixels) {
  return decode_image(read_file(path), path, max_pixels);
}

}  // namespace tapegrad::apps
