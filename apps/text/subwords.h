// Parts of words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

constexpr std::size_t shortest_subword = 3, longest_subword = 5;
constexpr std::size_t longest_cut_word = 100;  // code points

// The runs of 3 to 5 code points of a word in UTF-8 with "<" before and ">" after it, of a word
// with more than 100 code points those of the first 100; `visit(std::string_view)`. Of "cat":
// "<ca",
// "<cat", "<cat>", "cat", "cat>", "at>". Source: Bojanowski et al., "Enriching word vectors with
// subword information", TACL 2017.
template <class Visit>
void for_each_subword(std::string_view word, const Visit& visit) {
  const auto begins_point = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  };
  std::vector<std::size_t> begins{0};  // of code points
  std::string marked(1, '<');
  for (const char byte : word) {
    if (begins_point(byte)) {
      if (begins.size() > longest_cut_word) break;
      begins.push_back(marked.size());
    }
    marked.push_back(byte);
  }
  begins.push_back(marked.size());
  marked.push_back('>');
  begins.push_back(marked.size());
  const std::size_t points = begins.size() - 1;
  for (std::size_t first = 0; first < points; ++first) {
    for (std::size_t n = shortest_subword; n <= longest_subword && first + n <= points; ++n)
      visit(std::string_view(marked).substr(begins[first], begins[first + n] - begins[first]));
  }
}

}  // namespace tapegrad::apps
