// What a generated shop's models find is what the generator decides by.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

namespace {

std::vector<std::vector<std::string>> rows_of(const fs::path& path) {
  std::istringstream lines(read(path));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    auto& row = rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
  }
  return rows;
}

}  // namespace

TEST_CASE("what users look at teaches what they buy, and rules hold in a generated shop") {
  const TestFiles folder;
  const fs::path shop = folder.path("shop");
  const Outcome made =
      run_program(TAPEGRAD_MAKE_SHOP, "--out " + shell_quoted(shop) +
                                          " --users 2000 --items 200 --events 40000 "
                                          "--categories 8 --seed 5");
  REQUIRE_MESSAGE(made.code == 0, made.text);
  const std::string data = " --data " + shell_quoted(shop / "events.csv");
  // The mean of two seeds; the same purchases are held out whatever the weights are.
  const auto ndcg = [&](const std::string& weights) {
    double sum = 0.0;
    for (const char* seed : {"1", "2"}) {
      const Outcome trained = run_program(
          TAPEGRAD_RECOMMEND,
          "train --quiet --json --baselines none --model history-mlp --hidden 32 --epochs 20 "
          "--event-weights " +
              weights + " --seed " + seed + data + " --out " + shell_quoted(folder.path("m.tg")));
      REQUIRE_MESSAGE(trained.code == 0, trained.text);
      sum += nlohmann::json::parse(last_line(trained.text))["ndcg@10"].get<double>();
    }
    return sum / 2.0;
  };
  const double purchases_alone = ndcg("view=0.00001,cart=0.00001,purchase=1");
  const double with_behaviour = ndcg("view=1,cart=2,purchase=3");
  MESSAGE("NDCG@10 by purchases alone ", purchases_alone, ", with views and carts ",
          with_behaviour);
  CHECK(with_behaviour > purchases_alone);

  const Outcome listed = run_program(
      TAPEGRAD_RECOMMEND,
      "recommend --quiet --all-users --k 8 --in-stock --price 10-40 --max-per-category 3 --items " +
          shell_quoted(shop / "items.csv") + " --out " + shell_quoted(folder.path("recs.csv")) +
          " --model-file " + shell_quoted(folder.path("m.tg")));
  REQUIRE_MESSAGE(listed.code == 0, listed.text);
  std::map<std::string, std::vector<std::string>> items;
  for (const auto& row : rows_of(shop / "items.csv")) items[row[0]] = row;
  std::map<std::string, std::map<std::string, int>> categories_of;
  const auto lists = rows_of(folder.path("recs.csv"));
  REQUIRE(lists.size() > 1000);
  for (std::size_t i = 1; i < lists.size(); ++i) {
    const auto& item = items.at(lists[i][2]);
    const double price = std::stod(item[4]);
    CHECK(price >= 10.0);
    CHECK(price <= 40.0);
    CHECK(std::stoi(item[5]) > 0);
    CHECK(++categories_of[lists[i][0]][item[2]] <= 3);
  }
}
