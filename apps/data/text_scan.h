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

// Calls `found(position)` at each place of a character, from the first to the last. Where matches
// are a few bytes apart this is faster than one search after another.
template <class Found>
void for_each_place(std::string_view text, char wanted, const Found& found) {
  constexpr std::uint64_t ones = 0x0101010101010101U, low_bits = 0x7F7F7F7F7F7F7F7FU;
  const std::uint64_t pattern = ones * static_cast<unsigned char>(wanted);
  std::size_t at = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      word ^= pattern;
      // The high bit of each byte that is 0, and no other.
      std::uint64_t places = ~(((word & low_bits) + low_bits) | word | low_bits);
      for (; places != 0; places &= places - 1)
        found(at + static_cast<std::size_t>(std::countr_zero(places)) / 8);
    }
  }
  for (; at < text.size(); ++at) {
    if (text[at] == wanted) found(at);
  }
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
