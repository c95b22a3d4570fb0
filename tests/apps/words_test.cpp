// Texts as words.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/text/tokeniser.h>

namespace {

using namespace tapegrad::apps;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("words are those of Unicode, whatever their case and width") {
  WordCutter cutter;
  const std::pair<std::string, Words> cases[] = {
      {"It's a VERY nice dress, isn't it?", {"it's", "a", "very", "nice", "dress", "isn't", "it"}},
      {"costs 3.50€ (not 1,000)", {"costs", "3.50", "not", "1,000"}},
      {"naïve Straße ÉTÉ", {"naïve", "strasse", "été"}},
      {"ＦＵＬＬ　width", {"full", "width"}},
      {"great 👍🏽!! 🇩🇪🇫🇷 ❤️", {"great", "👍🏽", "🇩🇪", "🇫🇷", "❤"}},
      {"👍", {"👍"}},
      {"привет_мир", {"привет_мир"}},
      {"... !? -- \n\t", {}},
      {"", {}},
      {"broken \xff\xfe bytes", {"broken", "bytes"}}};
  for (const auto& one : cases) {
    CAPTURE(one.first);
    CHECK(cutter.words(one.first) == one.second);
  }
  // What is one word in Chinese depends on ICU's version.
  const Words chinese = cutter.words("这件衣服很好看。");
  CHECK(std::ranges::count(chinese, "衣服") == 1);
  std::string joined;
  for (const std::string& word : chinese) joined += word;
  CHECK(joined == "这件衣服很好看");
  // One that was moved from elsewhere.
  WordCutter moved = std::move(cutter);
  CHECK(moved.words("a b").size() == 2);
}

TEST_CASE("characters are code points without blanks, and a vocabulary has the common ones") {
  const Cutting by_characters{.kind = TokenKind::characters}, by_words{};
  Tokeniser characters(by_characters), words(by_words);
  CHECK(characters.tokens("Ab 漢\n👍Ｘ") == Words{"a", "b", "漢", "👍", "x"});
  CHECK(characters.tokens(" \t").empty());
  CHECK(words.tokens("A b") == Words{"a", "b"});
  const std::vector<Words> texts{{"b", "a", "b"}, {"c", "b"}, {"a"}, {"d"}};
  const IdMap vocabulary = vocabulary_of(texts, 2);
  REQUIRE(vocabulary.size() == 3);
  CHECK(vocabulary.name(1) == "a");
  CHECK(vocabulary.name(2) == "b");
  CHECK(numbers_of(Words{"b", "x", "a"}, vocabulary) == std::vector<std::int32_t>{2, 0, 1});
  CHECK(vocabulary_of({}, 1).size() == 1);
}

TEST_CASE("any bytes give words that are valid UTF-8, and the same ones again") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  WordCutter cutter;
  const std::string alphabet = "aZ09 .,'\n_-\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x91\x8d\xff";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i)
      text += alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)];
    const Words words = cutter.words(text);
    for (const std::string& word : words) {
      CHECK(is_valid_utf8(word));
      CHECK(!word.empty());
    }
    CHECK(cutter.words(text) == words);
  }
  // A long text without an end.
  const std::string long_text(std::size_t{1} << 20, 'x');
  CHECK(cutter.words(long_text) == Words{long_text});
}
