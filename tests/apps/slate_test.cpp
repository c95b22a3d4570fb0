// Lists under a shop's rules.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/recommending/similarity.h>
#include <tapegrad/apps/recommending/slate.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

using Items = std::vector<std::int32_t>;

Items items_of(const Slate& slate) {
  Items items;
  for (const Scored& one : slate.items) items.push_back(one.item);
  return items;
}

const std::vector<float> scores = {0.1F, 0.9F, 0.8F, std::numeric_limits<float>::quiet_NaN(),
                                   0.8F, 0.2F, 0.7F};

TEST_CASE("a slate has the best allowed items, exactly as many as wanted, or says why not") {
  SlateRules rules(7);
  CHECK(items_of(choose_slate(scores, 3, rules, {})) == Items{1, 2, 4});
  CHECK(choose_slate(scores, 6, rules, {}).shortfall.empty());
  rules.forbid(1, "are excluded");
  rules.forbid_where("are out of stock", [](std::int32_t item) { return item <= 2; });
  CHECK(rules.describe_forbidden() == "1 are excluded, 2 are out of stock");
  const Items had{0, 5};
  const Slate slate = choose_slate(scores, 4, rules, had);
  CHECK(items_of(slate) == Items{4, 6});
  CHECK(
      slate.shortfall ==
      "2 of the 4 items wanted: of 7 items 1 are excluded, 2 are out of stock, 1 were had before, "
      "1 have no event that was trained on");
  CHECK(choose_slate({}, 1, SlateRules(0), {}).shortfall ==
        "0 of the 1 items wanted: of 0 items no more exist");
  CHECK_THROWS_AS(choose_slate(scores, 0, rules, {}), OptionError);
}

TEST_CASE("no more items of a category than its quota, and those without one as they come") {
  SlateRules rules(7);
  rules.limit_categories({0, 1, 1, -1, 1, -1, 0}, 1);
  const Slate slate = choose_slate(scores, 5, rules, {});
  CHECK(items_of(slate) == Items{1, 6, 5});
  CHECK(slate.shortfall.find("3 are of categories that are full") != std::string::npos);
}

TEST_CASE("a diverse slate is that of a few lines, whatever the rules") {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round);
    constexpr std::int32_t count = 30;
    std::vector<float> own(count);
    std::vector<std::vector<double>> alike(count, std::vector<double>(count));
    for (std::size_t i = 0; i < own.size(); ++i) {
      own[i] = static_cast<float>(random() % 1000) / 100.0F;
      for (std::size_t j = 0; j <= i; ++j)
        alike[i][j] = alike[j][i] = static_cast<double>(random() % 1000) / 999.0;
    }
    SlateRules rules(count);
    rules.diversity = static_cast<double>(round % 5) / 4.0;
    rules.similarity = [&](std::int32_t a, std::int32_t b) {
      return alike[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
    };
    const auto [least, greatest] = std::ranges::minmax(own);
    std::vector<std::size_t> chosen;
    while (chosen.size() < 6) {
      std::map<double, std::size_t> values;
      for (std::size_t i = 0; i < own.size(); ++i) {
        if (std::ranges::count(chosen, i) > 0) continue;
        double nearest = 0.0;
        for (const std::size_t j : chosen) nearest = std::max(nearest, alike[i][j]);
        const double relevance = (static_cast<double>(own[i]) - static_cast<double>(least)) /
                                 (static_cast<double>(greatest) - static_cast<double>(least));
        const double value = (1.0 - rules.diversity) * relevance - rules.diversity * nearest;
        values.emplace(value, i);
      }
      chosen.push_back(values.rbegin()->second);
    }
    const Slate slate = choose_slate(own, 6, rules, {});
    REQUIRE(slate.items.size() == 6);
    if (rules.diversity == 1.0) continue;  // the first is any
    for (std::size_t i = 0; i < 6; ++i)
      CHECK(own[static_cast<std::size_t>(slate.items[i].item)] == own[chosen[i]]);
  }
}

TEST_CASE("items are as similar as their users are the same") {
  const UserItems pairs(4, 3, Items{0, 1, 2, 1, 2, 3}, Items{0, 0, 0, 1, 1, 1});
  const ItemSimilarity similarity(pairs);
  CHECK(similarity(0, 1) == doctest::Approx(2.0 / 3.0));
  CHECK(similarity(1, 1) == doctest::Approx(1.0));
  CHECK(similarity(0, 2) == 0.0);
}

TEST_CASE("ids are read from lists and written to CSV as they are") {
  CHECK(parse_ids(" a,b c,\t\"d, e\" \"f \"\"g\"\"\"\r") ==
        std::vector<std::string>{"a", "b", "c", "d, e", "f \"g\""});
  CHECK(parse_ids(" ,, ").empty());
  CHECK(message_of([] { parse_ids("a,\"b"); }) ==
        "expected a closing quote in \"a,\"b\", got none");
  CHECK(csv_field("plain id") == "plain id");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(csv_field(" a") == "\" a\"");
  CHECK(csv_field("a\nb") == "\"a\nb\"");
}

}  // namespace
}  // namespace tapegrad::apps
