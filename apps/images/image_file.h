// Files of pictures: PNG and JPEG.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tapegrad/apps/images/image.h>

namespace tapegrad::apps {

// A small file may hold an enormous picture: so many pixels are taken where nothing else is said.
inline constexpr std::size_t standard_max_pixels = 100'000'000;

// Whether a file's name ends as those of pictures do: .png, .jpg or .jpeg, in any case.
bool has_image_ending(std::string_view path);

// A picture of any depth, with colours from a palette or its own, grey or coloured; what is
// transparent is white. PNG and JPEG are told apart by their first bytes, whatever the file is
// called. Throws DataError, which begins with `name`, for what is neither, for a damaged or
// truncated picture, and for one of more than `max_pixels`.
Image decode_image(std::string_view bytes, const std::string& name, std::size_t max_pixels);
// The same of a file. Throws DataError where it cannot be read, too.
Image read_image(const std::string& path, std::size_t max_pixels);

// Puts a PNG file in the place of `path`, whole or not at all.
void write_png(const std::string& path, const Image& image);

}  // namespace tapegrad::apps
