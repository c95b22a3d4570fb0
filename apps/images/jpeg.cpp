// JPEG by libjpeg, whose errors come back by longjmp: what lies between setjmp and the calls has no
// destructors.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <vector>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/images/image_formats.h>

namespace tapegrad::apps {
namespace {

struct Decoder {
  jpeg_error_mgr errors{};  // first: libjpeg knows its address
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = {};
  jpeg_decompress_struct jpeg{};
};

[[noreturn]] void fail(j_common_ptr jpeg) {
  auto* decoder = reinterpret_cast<Decoder*>(jpeg->err);
  decoder->errors.format_message(jpeg, decoder->message);
  std::longjmp(decoder->back, 1);
}

// Data that end or break off are warnings to libjpeg, which fills up with grey.
void take_message(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) fail(jpeg);
}

// Reads the header; `decoder.message` says what is wrong, if anything.
bool begin(Decoder& decoder, std::string_view bytes) {
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = fail;
  decoder.errors.emit_message = take_message;
  if (setjmp(decoder.back) != 0) return false;
  jpeg_create_decompress(&decoder.jpeg);
  jpeg_mem_src(&decoder.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&decoder.jpeg, TRUE);
  const bool has_black = decoder.jpeg.num_components == 4;
  const bool is_grey = decoder.jpeg.num_components == 1;
  decoder.jpeg.out_color_space = has_black ? JCS_CMYK : is_grey ? JCS_GRAYSCALE : JCS_RGB;
  return true;
}

// Into rows of jpeg.output_components numbers a pixel.
bool read_rows(Decoder& decoder, unsigned char* to, std::size_t row_bytes) {
  if (setjmp(decoder.back) != 0) return false;
  jpeg_start_decompress(&decoder.jpeg);
  while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
    JSAMPROW row = to + row_bytes * decoder.jpeg.output_scanline;
    jpeg_read_scanlines(&decoder.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&decoder.jpeg);
  return true;
}

// Cyan, magenta, yellow and black, which Adobe's programs write the other way round: 255 is no ink.
std::vector<unsigned char> without_black(const std::vector<unsigned char>& inks, bool is_inverted) {
  std::vector<unsigned char> colours;
  colours.reserve(inks.size() / 4 * 3);
  for (std::size_t pixel = 0; pixel + 4 <= inks.size(); pixel += 4) {
    const auto light = [&](std::size_t i) { return is_inverted ? inks[i] : 255 - inks[i]; };
    for (std::size_t c = 0; c < 3; ++c)
      colours.push_back(static_cast<unsigned char>(light(pixel + c) * light(pixel + 3) / 255));
  }
  return colours;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, const std::string& name, std::size_t max_pixels) {
  struct Owner {
    Decoder decoder;
    Owner() = default;
    ~Owner() { jpeg_destroy_decompress(&decoder.jpeg); }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
  } owner;
  Decoder& decoder = owner.decoder;
  const auto refuse = [&] {
    throw DataError(fmt::format("{}: expected a whole JPEG picture, got a damaged one ({})", name,
                                static_cast<const char*>(decoder.message)));
  };
  if (!begin(decoder, bytes)) refuse();
  check_image_size(decoder.jpeg.image_width, decoder.jpeg.image_height, name, max_pixels);
  const std::size_t width = decoder.jpeg.image_width, height = decoder.jpeg.image_height;
  const bool has_black = decoder.jpeg.num_components == 4;
  const std::size_t components = has_black ? 4 : decoder.jpeg.num_components == 1 ? 1 : 3;
  Image image{.width = static_cast<Index>(width),
              .height = static_cast<Index>(height),
              .channels = components == 1 ? 1 : 3,
              .values = std::vector<unsigned char>(width * height * components)};
  if (!read_rows(decoder, image.values.data(), width * components)) refuse();
  if (has_black) image.values = without_black(image.values, decoder.jpeg.saw_Adobe_marker != 0);
  return image;
}

}  // namespace tapegrad::apps
