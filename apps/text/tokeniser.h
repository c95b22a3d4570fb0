// Texts as tokens, and the vocabulary of a model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/text/byte_pairs.h>
#include <tapegrad/apps/text/words.h>

namespace tapegrad::apps {

enum class TokenKind {
  words,       // WordCutter's
  byte_pairs,  // the pieces of these
  characters   // Unicode code points without blanks, in a form that does not tell case or width
               // apart
};

// As the option --tokens has it. Throws OptionError for another name.
TokenKind token_kind_of(std::string_view name);

// How texts are cut.
struct Cutting {
  TokenKind kind = TokenKind::words;
  BytePairs pairs{};  // of byte_pairs
};
// Learns what it takes from some of the texts, by their numbers: at most so many merges of byte
// pairs.
Cutting learn_cutting(TokenKind kind, Index merges, std::span<const std::string> texts,
                      std::span<const Index> some);

// One thread at a time, and no longer than what it cuts by.
class Tokeniser {
 public:
  explicit Tokeniser(const Cutting& cutting) : cutting_(cutting) {}
  explicit Tokeniser(Cutting&&) = delete;
  // Of a text in UTF-8.
  std::vector<std::string> tokens(std::string_view text);

 private:
  const Cutting& cutting_;
  WordCutter cutter_;
};

// The tokens that `least` texts or more have, by how many have them, those of most texts first;
// number 0 stands for every other token.
IdMap vocabulary_of(std::span<const std::vector<std::string>> texts, Index least);
// The numbers of a text's tokens.
std::vector<std::int32_t> numbers_of(std::span<const std::string> tokens, const IdMap& vocabulary);

}  // namespace tapegrad::apps
