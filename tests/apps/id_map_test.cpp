#include <doctest/doctest.h>

#include <random>
#include <string>
#include <unordered_map>
#include <utility>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {
namespace {

TEST_CASE("an id map numbers ids in the order that they come in, and finds them again") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    IdMap map;
    std::unordered_map<std::string, Index> expected;
    for (int step = 0; step < 20000; ++step) {
      // Short ones repeat, long ones share their beginning; the empty one is among them.
      std::string name = random() % 3 == 0 ? std::string(random() % 40, 'x') : "";
      if (random() % 50 != 0) name += std::to_string(random() % 5000);
      const auto known = expected.find(name);
      CHECK(map.find(name) == (known == expected.end() ? -1 : known->second));
      const auto next = static_cast<Index>(expected.size());
      CHECK(map.insert(name) == expected.try_emplace(name, next).first->second);
    }
    REQUIRE(map.size() == static_cast<Index>(expected.size()));
    const IdMap copy = map;
    for (const auto& [name, number] : expected) {
      CHECK(copy.find(name) == number);
      CHECK(copy.name(number) == name);
    }
  }
}

TEST_CASE("an id map is empty before its first id and can be used after a move") {
  IdMap map;
  CHECK(map.size() == 0);
  CHECK(map.find("a") == -1);
  map.insert("a");
  const IdMap taken = std::move(map);
  CHECK(taken.find("a") == 0);
  map = IdMap();
  CHECK(map.insert("b") == 0);
  CHECK(map.find("a") == -1);
}

}  // namespace
}  // namespace tapegrad::apps
