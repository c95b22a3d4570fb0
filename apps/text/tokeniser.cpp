#include <tapegrad/apps/text/tokeniser.h>

#include <algorithm>
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
  if (name == "characters") return TokenKind::characters;
  throw OptionError(
      fmt::format("tokens must be words or characters, got {}", in_quotes(std::string(name))));
}

std::vector<std::string> Tokeniser::tokens(std::string_view text) {
  return kind_ == TokenKind::words ? cutter_.words(text) : cutter_.characters(text);
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
