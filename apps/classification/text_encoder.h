// Texts as the numbers that networks read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/classification/text_inputs.h>
#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/text/tokeniser.h>

namespace tapegrad::apps {

struct TextEncoderOptions {
  TokenKind tokens = TokenKind::words;
  Index merges = 0;     // of byte pairs, at most
  Index min_texts = 1;  // tokens that fewer texts have count as the unknown one, number 0
  Index length = 0;     // how many tokens of a text count, from its beginning; 0: all
  // Runs of 2 to `longest` tokens, and with `subwords` the runs of 3 to 5 characters of each token,
  // whose beginning and end are marked, are numbered after the vocabulary by their hashes modulo
  // `buckets`. 0: there are none.
  Index buckets = 0;
  int longest = 1;
  bool subwords = false;
};

// Learns a vocabulary, and numbers texts by it. A text's tokens stand in their order; what is
// hashed comes after them.
class TextEncoder {
 public:
  TextEncoder() = default;
  // From some of the texts, by their numbers.
  TextEncoder(std::span<const std::string> texts, std::span<const Index> some,
              const TextEncoderOptions& options);
  // As it was learnt before.
  TextEncoder(Cutting cutting, IdMap vocabulary, const TextEncoderOptions& options)
      : options_(options), cutting_(std::move(cutting)), vocabulary_(std::move(vocabulary)) {}

  // How many numbers there are.
  Index width() const { return vocabulary_.size() + options_.buckets; }
  const Cutting& cutting() const { return cutting_; }
  const IdMap& vocabulary() const { return vocabulary_; }
  const TextEncoderOptions& options() const { return options_; }
  TextInputs encode(std::span<const std::string> texts) const;
  // The same of a list of tokens.
  std::vector<std::int32_t> numbers(std::span<const std::string> tokens) const;
  // The tokens [first, last) that each of these numbers is of.
  struct Run {
    std::size_t first = 0, last = 0;
  };
  std::vector<Run> runs(std::span<const std::string> tokens) const;
  // The tokens of a text that count.
  std::vector<std::string> tokens(Tokeniser& tokeniser, const std::string& text) const;

 private:
  template <class Visit>
  void for_each_hashed(std::span<const std::string> tokens, const Visit& visit) const;

  TextEncoderOptions options_;
  Cutting cutting_;
  IdMap vocabulary_;
};

}  // namespace tapegrad::apps
