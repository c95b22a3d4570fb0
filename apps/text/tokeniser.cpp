#include <tapegrad/apps/text/tokeniser.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_units.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

TokenKind token_kind_of(std::string_view name) {
  if (name == "words") return TokenKind::words;
  if (name == "byte-pairs") return TokenKind::byte_pairs;
  if (name == "characters") return TokenKind::characters;
  throw OptionError(fmt::format("tokens must be words, byte-pairs or characters, got {}",
                                in_quotes(std::string(name))));
}

std::vector<std::string> Tokeniser::tokens(std::string_view text) {
  if (cutting_.kind == TokenKind::characters) return cutter_.characters(text);
  std::vector<std::string> words = cutter_.words(text);
  if (cutting_.kind == TokenKind::words) return words;
  std::vector<std::string> pieces;
  for (const std::string& word : words)
    std::ranges::move(cutting_.pairs.pieces(word), std::back_inserter(pieces));
  return pieces;
}

Cutting learn_cutting(TokenKind kind, Index merges, std::span<const std::string> texts,
                      std::span<const Index> some) {
  Cutting cutting{.kind = kind};
  if (kind != TokenKind::byte_pairs) return cutting;
  WordCutter cutter;
  std::map<std::string, Index> words;
  for (const Index text : some) {
    for (const std::string& word : cutter.words(texts[static_cast<std::size_t>(text)]))
      ++words[word];
  }
  cutting.pairs = BytePairs::learn(words, merges);
  return cutting;
}

IdMap vocabulary_of(std::span<const std::vector<std::string>> texts, Index least) {
  std::map<std::string_view, Index> with;  // texts that have the token
  for (const std::vector<std::string>& text : texts) {
    for (const std::string_view token : std::set<std::string_view>(text.begin(), text.end()))
      ++with[token];
  }
  std::vector<std::pair<Index, std::string_view>> kept;
  for (const auto& [token, count] : with) {
    if (count >= least) kept.emplace_back(-count, token);
  }
  std::ranges::sort(kept);
  IdMap vocabulary;
  vocabulary.insert(unknown_unit);
  for (const auto& [count, token] : kept) vocabulary.insert(token);
  return vocabulary;
}

std::vector<std::int32_t> numbers_of(std::span<const std::string> tokens, const IdMap& vocabulary) {
  std::vector<std::int32_t> numbers;
  for (const std::string& token : tokens)
    numbers.push_back(static_cast<std::int32_t>(std::max<Index>(0, vocabulary.find(token))));
  return numbers;
}

}  // namespace tapegrad::apps
