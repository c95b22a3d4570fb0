#include <tapegrad/apps/data/encoding.h>

namespace tapegrad::apps {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t position) {
  return position < bytes.size() ? static_cast<unsigned char>(bytes[position]) : 0U;
}

bool in_range(unsigned byte, unsigned low, unsigned high) { return byte >= low && byte <= high; }

// The length of the UTF-8 character at `position`, 0 when there is none (the table of RFC 3629, section 4).
std::size_t character_length(std::string_view bytes, std::size_t position) {
  const unsigned first = byte_at(bytes, position);
  if (first < 0x80U) return 1;
  const unsigned second = byte_at(bytes, position + 1);
  if (in_range(first, 0xC2U, 0xDFU)) return in_range(second, 0x80U, 0xBFU) ? 2 : 0;
  if (!in_range(byte_at(bytes, position + 2), 0x80U, 0xBFU)) return 0;
  if (in_range(first, 0xE0U, 0xEFU)) {
    const unsigned low = first == 0xE0U ? 0xA0U : 0x80U;
    const unsigned high = first == 0xEDU ? 0x9FU : 0xBFU;
    return in_range(second, low, high) ? 3 : 0;
  }
  if (!in_range(first, 0xF0U, 0xF4U) || !in_range(byte_at(bytes, position + 3), 0x80U, 0xBFU)) return 0;
  const unsigned low = first == 0xF0U ? 0x90U : 0x80U;
  const unsigned high = first == 0xF4U ? 0x8FU : 0xBFU;
  return in_range(second, low, high) ? 4 : 0;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  std::size_t position = 0;
  while (position < bytes.size()) {
    const std::size_t length = character_length(bytes, position);
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
