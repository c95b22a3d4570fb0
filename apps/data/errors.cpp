#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::size_t length = text.size();
  if (length > longest) {
    length = longest;
    // A cut inside a UTF-8 character would make the message itself invalid.
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  }
  std::string result = "\"";
  for (const char character : text.substr(0, length)) {
    const auto byte = static_cast<unsigned char>(character);
    result += byte < 0x20U || byte == 0x7FU ? '?' : character;
  }
  if (length < text.size()) result += "...";
  return result + "\"";
}

}  // namespace tapegrad::apps
