// The formats of pictures, each read by its own library; image_file.h tells them apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tapegrad/apps/images/image.h>

namespace tapegrad::apps {

// Both throw DataError as decode_image() does.
Image decode_png(std::string_view bytes, const std::string& name, std::size_t max_pixels);
Image decode_jpeg(std::string_view bytes, const std::string& name, std::size_t max_pixels);

// Throws DataError for a picture without a pixel, or of more than `max_pixels`.
void check_image_size(std::size_t width, std::size_t height, const std::string& name,
                      std::size_t max_pixels);

}  // namespace tapegrad::apps
