#include "graph_test_tools.h"

#include <algorithm>
#include <numeric>

namespace {

namespace tg = tapegrad;
using Words = std::array<std::uint32_t, 4>;

}  // namespace

TEST_CASE("Philox gives the known answers") {
  struct Case {
    std::array<std::uint32_t, 2> key;
    Words counter, expected;
  };
  // Source: Random123, kat_vectors, philox4x32 10.
  const Case cases[] = {
      {{0, 0}, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0u, ~0u}, {~0u, ~0u, ~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0xa4093822, 0x299f31d0},
       {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Case& one : cases) CHECK(tg::philox(one.key, one.counter) == one.expected);
  tg::Random random(0);
  Words words;
  for (std::uint32_t& word : words) word = random.bits();
  CHECK(words == cases[0].expected);
}

TEST_CASE("a stream is a function of seed, stream and position") {
  tg::Random whole(5, 9);
  std::vector<std::uint32_t> words(23);
  for (std::uint32_t& word : words) word = whole.bits();
  CHECK(whole.position() == 23);
  for (std::uint64_t start = 0; start < 20; ++start) {
    tg::Random random(5, 9);
    random.seek(start);
    for (std::uint64_t i = start; i < words.size(); ++i) CHECK(random.bits() == words[i]);
  }
  tg::Random other_stream(5, 10);
  tg::Random other_seed(6, 9);
  CHECK(other_stream.bits() != words[0]);
  CHECK(other_seed.bits() != words[0]);
  tg::Random copy = whole;
  CHECK(copy.bits() == whole.bits());
}

TEST_CASE("random numbers stay in their ranges and have their means") {
  constexpr int count = 20000;
  tg::Random random(1);
  double uniform = 0.0, normal = 0.0, squares = 0.0;
  std::vector<int> counts(7);
  for (int i = 0; i < count; ++i) {
    const double u = random.uniform(-2.0, 6.0);
    REQUIRE((u >= -2.0 && u < 6.0));
    const float f = random.uniform();
    REQUIRE((f >= 0.0F && f < 1.0F));
    const double z = random.normal();
    REQUIRE(std::isfinite(z));
    const tg::Index k = random.below(7);
    REQUIRE((k >= 0 && k < 7));
    uniform += u / count;
    normal += z / count;
    squares += z * z / count;
    ++counts[static_cast<std::size_t>(k)];
  }
  CHECK(uniform == doctest::Approx(2.0).epsilon(0.03));
  CHECK(std::abs(normal) < 0.03);
  CHECK(squares == doctest::Approx(1.0).epsilon(0.04));
  CHECK(std::ranges::min(counts) > count / 7 * 0.9);
  CHECK(tg::Random(3).below(1) == 0);
  CHECK(tg::Random(3).below(tg::Index{1} << 62) >= 0);
}

TEST_CASE("a shuffle is a permutation that the seed decides") {
  std::vector<int> first(100);
  std::iota(first.begin(), first.end(), 0);
  const std::vector<int> sorted = first;
  std::vector<int> second = first;
  tg::Random(4).shuffle(std::span(first));
  tg::Random(4).shuffle(std::span(second));
  CHECK(first == second);
  CHECK(first != sorted);
  std::ranges::sort(first);
  CHECK(first == sorted);
  std::vector<int> none;
  tg::Random(4).shuffle(std::span(none));
  CHECK(none.empty());
}

TEST_CASE("parameters' first numbers depend on the seed and the name, not on the order of making") {
  tg::Parameters forward(8), backward(8), other(9);
  for (const char* name : {"a", "b"}) forward.add(name, {5}, graph_test::uniform());
  for (const char* name : {"b", "a"}) backward.add(name, {5}, graph_test::uniform());
  other.add("a", {5}, graph_test::uniform());
  CHECK(forward.at("a").value() == backward.at("a").value());
  CHECK(forward.at("a").value() != forward.at("b").value());
  CHECK(forward.at("a").value() != other.at("a").value());
}
