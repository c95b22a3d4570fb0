// Letters and digits of ASCII, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace tapegrad::apps {

inline bool is_digit(char character) { return character >= '0' && character <= '9'; }
inline bool is_capital(char character) { return character >= 'A' && character <= 'Z'; }

inline char lower_case(char character) {
  return is_capital(character) ? static_cast<char>(character + 'a' - 'A') : character;
}

inline std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& character : result) character = lower_case(character);
  return result;
}

}  // namespace tapegrad::apps
