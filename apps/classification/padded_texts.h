// Texts of different lengths side by side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/classification/text_inputs.h>

namespace tapegrad::apps {

// [texts, longest]: the tokens of each, then number 0; and 1 where there is a token, else 0.
struct PaddedTexts {
  Index longest = 1;  // 1 where no text has a token
  std::vector<Index> ids;
  std::vector<double> is_token;
  std::vector<Index> places;  // of the tokens of all texts, one after another

  PaddedTexts(const TextInputs& inputs, std::span<const Index> texts) {
    for (const Index text : texts)
      longest = std::max(longest, static_cast<Index>(inputs.of(text).size()));
    for (const Index text : texts) {
      const auto tokens = inputs.of(text);
      const std::size_t end = ids.size() + static_cast<std::size_t>(longest);
      for (std::size_t token = 0; token < tokens.size(); ++token)
        places.push_back(static_cast<Index>(ids.size() + token));
      ids.insert(ids.end(), tokens.begin(), tokens.end());
      is_token.resize(ids.size(), 1.0);
      ids.resize(end, 0);
      is_token.resize(end, 0.0);
    }
  }
  // Strengths [tokens] at the places of the tokens, 0 elsewhere: [texts · longest, 1].
  Tensor placed(Tape& tape, const Tensor& strengths) const {
    const auto count = static_cast<Index>(ids.size());
    if (places.empty()) return tape.full({count, 1}, 0.0);
    return scatter_add_rows(tape.ids(places),
                            reshape(strengths, {static_cast<Index>(places.size()), 1}), count);
  }
};

}  // namespace tapegrad::apps
