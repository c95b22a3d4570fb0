// Texts as networks read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Text i has tokens [offsets[i], offsets[i + 1]), by their numbers in a vocabulary.
struct TextInputs {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> tokens;

  Index count() const { return static_cast<Index>(offsets.size()) - 1; }
  std::span<const std::int32_t> of(Index text) const {
    const auto at = static_cast<std::size_t>(text);
    return std::span(tokens).subspan(static_cast<std::size_t>(offsets[at]),
                                     static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
  }
  // How many tokens each text has.
  std::vector<Index> lengths() const {
    std::vector<Index> lengths;
    for (Index text = 0; text < count(); ++text)
      lengths.push_back(static_cast<Index>(of(text).size()));
    return lengths;
  }
  void add(std::span<const std::int32_t> text) {
    tokens.insert(tokens.end(), text.begin(), text.end());
    offsets.push_back(static_cast<Index>(tokens.size()));
  }
};

}  // namespace tapegrad::apps
