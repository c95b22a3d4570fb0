#include <tapegrad/graph/printable.h>

#include <fmt/format.h>

namespace tapegrad {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t position) {
  return position < bytes.size() ? static_cast<unsigned char>(bytes[position]) : 0U;
}

bool in_range(unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; }

// Of a well-formed character.
unsigned code_point(std::string_view character) {
  const unsigned first = byte_at(character, 0);
  if (character.size() == 1) return first;
  unsigned code = first & (0xFFU >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i)
    code = code << 6U | (byte_at(character, i) & 0x3FU);
  return code;
}

bool is_hidden(unsigned code) {
  const bool control = code < 0x20U || in_range(code, 0x7FU, 0x9FU);
  const bool direction = code == 0x061CU || in_range(code, 0x200EU, 0x200FU) ||
                         in_range(code, 0x202AU, 0x202EU) || in_range(code, 0x2066U, 0x2069U);
  return control || direction || in_range(code, 0x2028U, 0x2029U);
}

}  // namespace

std::size_t utf8_length(std::string_view bytes, std::size_t position) {
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
  if (!in_range(first, 0xF0U, 0xF4U) || !in_range(byte_at(bytes, position + 3), 0x80U, 0xBFU))
    return 0;
  const unsigned low = first == 0xF0U ? 0x90U : 0x80U;
  const unsigned high = first == 0xF4U ? 0x8FU : 0xBFU;
  return in_range(second, low, high) ? 4 : 0;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    const unsigned code = length == 0 ? byte_at(text, at) : code_point(character);
    if (length == 0)
      result += fmt::format("\\x{:02x}", code);
    else if (is_hidden(code))
      result += fmt::format("\\u{:04x}", code);
    else
      result += character;
    at += character.size();
  }
  return result;
}

std::string printable(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return printable(text);
  // A cut inside of a character would show its first bytes as broken.
  std::size_t length = longest;
  while (length > 0 && (byte_at(text, length) & 0xC0U) == 0x80U) --length;
  return printable(text.substr(0, length)) + "...";
}

}  // namespace tapegrad
