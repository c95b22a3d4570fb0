#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

bool is_valid_utf8(std::string_view bytes) {
  std::size_t position = 0;
  while (position < bytes.size()) {
    const std::size_t length = utf8_length(bytes, position);
    if (length == 0) return false;
    position += length;
  }
  return true;
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size() + bytes.size() / 8);
  for (const char character : bytes) {
    const unsigned byte = static_cast<unsigned char>(character);
    if (byte < 0x80U) {
      result += character;
    } else {
      result += static_cast<char>(0xC0U | (byte >> 6U));
      result += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return result;
}

}  // namespace tapegrad::apps
