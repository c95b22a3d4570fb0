#include <tapegrad/apps/classification/text_encoder.h>

#include <algorithm>

#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/text/subwords.h>

namespace tapegrad::apps {

TextEncoder::TextEncoder(std::span<const std::string> texts, std::span<const Index> some,
                         const TextEncoderOptions& options)
    : options_(options), cutting_(learn_cutting(options.tokens, options.merges, texts, some)) {
  Tokeniser tokeniser(cutting_);
  std::vector<std::vector<std::string>> learnt;
  for (const Index text : some)
    learnt.push_back(tokens(tokeniser, texts[static_cast<std::size_t>(text)]));
  vocabulary_ = vocabulary_of(learnt, options.min_texts);
}

std::vector<std::string> TextEncoder::tokens(Tokeniser& tokeniser, const std::string& text) const {
  std::vector<std::string> tokens = tokeniser.tokens(text);
  if (options_.length > 0 && static_cast<Index>(tokens.size()) > options_.length)
    tokens.resize(static_cast<std::size_t>(options_.length));
  return tokens;
}

// Calls `visit(run, hash)` for each n-gram and each part of a word.
template <class Visit>
void TextEncoder::for_each_hashed(std::span<const std::string> tokens, const Visit& visit) const {
  if (options_.buckets == 0) return;
  for (std::size_t first = 0; first < tokens.size(); ++first) {
    StableHash hash;
    hash.add_text(tokens[first]);
    for (std::size_t n = 2;
         n <= static_cast<std::size_t>(options_.longest) && first + n <= tokens.size(); ++n) {
      hash.add_text(tokens[first + n - 1]);
      visit(Run{first, first + n}, hash);
    }
    if (!options_.subwords) continue;
    for_each_subword(tokens[first], [&](std::string_view subword) {
      StableHash own;
      own.add_text(subword);
      visit(Run{first, first + 1}, own);
    });
  }
}

std::vector<std::int32_t> TextEncoder::numbers(std::span<const std::string> tokens) const {
  std::vector<std::int32_t> numbers = numbers_of(tokens, vocabulary_);
  for_each_hashed(tokens, [&](const Run&, const StableHash& hash) {
    const std::uint64_t bucket =
        mix_bits(hash.value()) % static_cast<std::uint64_t>(options_.buckets);
    numbers.push_back(static_cast<std::int32_t>(vocabulary_.size() + static_cast<Index>(bucket)));
  });
  return numbers;
}

std::vector<TextEncoder::Run> TextEncoder::runs(std::span<const std::string> tokens) const {
  std::vector<Run> runs;
  for (std::size_t token = 0; token < tokens.size(); ++token) runs.push_back({token, token + 1});
  for_each_hashed(tokens, [&](const Run& run, const StableHash&) { runs.push_back(run); });
  return runs;
}

TextInputs TextEncoder::encode(std::span<const std::string> texts) const {
  Tokeniser tokeniser(cutting_);
  TextInputs inputs;
  for (const std::string& text : texts) inputs.add(numbers(tokens(tokeniser, text)));
  return inputs;
}

}  // namespace tapegrad::apps
