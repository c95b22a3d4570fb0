// Searches in a text that is read from its beginning to its end.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tapegrad::apps {

// The position of the first byte from `from` on that is no ASCII character, npos without one.
inline std::size_t find_non_ascii(std::string_view text, std::size_t from) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  for (; from + sizeof(std::uint64_t) <= text.size(); from += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + from, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  while (from < text.size() && static_cast<unsigned char>(text[from]) < 0x80U) ++from;
  return from < text.size() ? from : std::string_view::npos;
}

// Remembers where the next match is, so that asking once a line reads the text once altogether,
// even where matches are rare.
class ForwardSearch {
 public:
  // The first match from `from` on, npos without one. `find(from)` searches for it.
  template <class Find>
  std::size_t next(std::size_t from, const Find& find) {
    if (from < searched_from_ || from > found_) {
      found_ = find(from);
      searched_from_ = from;
    }
    return found_;
  }

 private:
  // Before the first search no position lies within the part that was searched.
  std::size_t searched_from_ = std::string_view::npos;
  std::size_t found_ = 0;
};

}  // namespace tapegrad::apps
