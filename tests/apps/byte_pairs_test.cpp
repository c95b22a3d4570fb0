// Byte-pair encoding: merges in their order, and the pieces of words.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/text/byte_pairs.h>
#include <tapegrad/graph/random.h>

#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
using Words = std::map<std::string, Index>;
using Pieces = std::vector<std::string>;

Pieces merges_of(const BytePairs& pairs) {
  Pieces names;
  for (Index i = 0; i < pairs.merges().size(); ++i) names.push_back(pairs.merges().name(i));
  return names;
}

// Counts all pairs anew before each merge. Words of one-byte letters.
Pieces merges_by_counting(const Words& words, Index most) {
  std::vector<std::pair<Pieces, Index>> cut;
  for (const auto& [word, count] : words) {
    Pieces letters;
    for (const char letter : word)
      letters.push_back(letters.empty() ? std::string("\u2581") + letter : std::string(1, letter));
    cut.emplace_back(letters, count);
  }
  Pieces merges;
  while (static_cast<Index>(merges.size()) < most) {
    std::map<std::string, Index> counts;
    for (const auto& [pieces, count] : cut) {
      for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
        counts[pieces[i] + " " + pieces[i + 1]] += count;
    }
    std::string best;
    Index most_frequent = 1;
    for (const auto& [pair, count] : counts) {
      if (count > most_frequent) {
        most_frequent = count;
        best = pair;
      }
    }
    if (best.empty()) break;
    merges.push_back(best);
    for (auto& [pieces, count] : cut) {
      for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        if (pieces[i] + " " + pieces[i + 1] != best) continue;
        pieces[i] += pieces[i + 1];
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return merges;
}

}  // namespace

TEST_CASE("byte pairs merge the most frequent pair first, as in the paper's example") {
  const Words words{{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}};
  const BytePairs pairs = BytePairs::learn(words, 5);
  CHECK(merges_of(pairs) == Pieces{"e s", "es t", "o w", "\u2581l ow", "e w"});
  CHECK(pairs.pieces("lowest") == Pieces{"\u2581low", "est"});
  CHECK(pairs.pieces("newest") == Pieces{"\u2581n", "ew", "est"});
  CHECK(pairs.pieces("") == Pieces{});
  // What comes once is not learnt.
  CHECK(merges_of(BytePairs::learn({{"ab", 1}, {"cd", 2}}, 9)) == Pieces{"\u2581c d"});
}

TEST_CASE("pieces are code points where nothing was learnt, and long words are cut by hundreds") {
  const BytePairs none;
  CHECK(none.pieces("\u00E9t\u00E9") == Pieces{"\u2581\u00E9", "t", "\u00E9"});
  const BytePairs pairs = BytePairs::learn({{"aa", 3}, {"aaaa", 2}}, 100);
  for (const std::size_t length : {1U, 99U, 100U, 101U, 200U, 100000U}) {
    std::string joined;
    for (const std::string& piece : pairs.pieces(std::string(length, 'a'))) joined += piece;
    CHECK(joined == "\u2581" + std::string(length, 'a'));
  }
  // Bytes that are no UTF-8 stay what they are.
  std::string joined;
  for (const std::string& piece : none.pieces("\x80\xFF\xC3")) joined += piece;
  CHECK(joined == "\u2581\x80\xFF\xC3");
}

TEST_CASE("merges are those of counting all pairs anew each time") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    Words words;
    for (int i = 0; i < 40; ++i) {
      std::string word;
      const Index length = 1 + random.below(8);
      for (Index k = 0; k < length; ++k) word += static_cast<char>('a' + random.below(3));
      words[word] += 1 + random.below(5);
    }
    const BytePairs pairs = BytePairs::learn(words, 60);
    CHECK(merges_of(pairs) == merges_by_counting(words, 60));
    for (const auto& [word, count] : words) {
      std::string joined;
      for (const std::string& piece : pairs.pieces(word)) joined += piece;
      CHECK(joined == "\u2581" + word);
    }
  }
}

TEST_CASE("a merge that is not two pieces is refused") {
  for (const char* wrong : {"", "ab", " b", "a ", "a b c", " "}) {
    IdMap merges;
    merges.insert("a b");
    merges.insert(wrong);
    CHECK(message_of([&] { BytePairs{std::move(merges)}; }).find("merge 1 must be two pieces") !=
          std::string::npos);
  }
}
