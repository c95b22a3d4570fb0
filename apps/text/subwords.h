// Parts of words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

constexpr std::size_t shortest_subword = 3, longest_subword = 5;

// The runs of 3 to 5 code points of a word in UTF-8 with "<" before and ">" after it;
// `visit(std::string_view)`. Of "cat": "<ca", "<cat", "<cat>", "cat", "cat>", "at>". Source:
// Bojanowski et al., "Enriching word vectors with subword information", TACL 2017.
template <class Visit>
void for_each_subword(std::string_view word, const Visit& visit) {
  std::string marked = "<";
  marked.append(word).push_back('>');
  std::vector<std::size_t> begins;  // of code points
  for (std::size_t at = 0; at < marked.size(); ++at) {
    if ((static_cast<unsigned char>(marked[at]) & 0xC0U) != 0x80U) begins.push_back(at);
  }
  begins.push_back(marked.size());
  const std::size_t points = begins.size() - 1;
  for (std::size_t first = 0; first < points; ++first) {
    for (std::size_t n = shortest_subword; n <= longest_subword && first + n <= points; ++n)
      visit(std::string_view(marked).substr(begins[first], begins[first + n] - begins[first]));
  }
}

}  // namespace tapegrad::apps
