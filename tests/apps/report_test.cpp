// Money and groups in a report, and the baselines beside a network.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/evaluation/report.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

namespace {

std::string shop_events() {
  std::string text = "user,item,timestamp,price,quantity\n";
  for (int user = 0; user < 30; ++user) {
    for (int k = 0; k < 6; ++k)
      text += "u" + std::to_string(user) + ",i" +
              std::to_string(user % 3 * 6 + (user * 7 + k * k) % 6) + "," +
              std::to_string(1000 * user + k) + "," + std::to_string(1 + user % 5) + ".50,2\n";
  }
  return text;
}

}  // namespace

TEST_CASE("revenue counts by what was paid, against a few lines") {
  // Two cases: ranks of their items, and what these cost; the third has no revenue.
  const std::vector<RankedCase> cases = {
      {0, {1, 3, 12}, {4, 5, 6}, 20, {}}, {1, {2}, {4}, 20, {}}, {2, {1}, {9}, 20, {}}};
  TestedEvents tested;
  tested.users = {0, 0, 0, 0, 1, 2};
  tested.items = {4, 5, 6, 6, 4, 9};
  tested.revenue = {1.0, 10.0, 4.0, 5.0, 30.0, -2.0};
  const RevenueMeasures measures = revenue_measures(cases, tested, 10);
  CHECK(measures.all == doctest::Approx(50.0));
  CHECK(measures.share.mean == doctest::Approx(41.0 / 50.0));
  const double first = (1.0 + 10.0 / 2.0) / (10.0 + 9.0 / std::log2(3.0) + 1.0 / 2.0);
  const double second = 1.0 / std::log2(3.0);
  CHECK(measures.ndcg.mean == doctest::Approx((first + second) / 2.0));
  CHECK(revenue_measures(cases, {}, 10).all == 0.0);
}

TEST_CASE("a breakdown has the cases of each group, and the largest gap of groups with enough") {
  std::vector<RankedCase> cases;
  for (std::int32_t user = 0; user < 25; ++user)
    cases.push_back({user, {user < 12 ? 1 : 20}, {user % 2}, 30, {}});
  Split split;
  split.pairs = std::make_shared<const UserItems>(25, 2, std::vector<std::int32_t>{0},
                                                  std::vector<std::int32_t>{0});
  Grouping of_users{.name = "kind", .is_of_items = false, .groups = {"a", "b", "c"}, .members = {}};
  for (std::int32_t user = 0; user < 25; ++user)
    of_users.members.push_back({user < 12 ? 0 : user < 24 ? 1 : 2});
  const Grouping of_items{
      .name = "item", .is_of_items = true, .groups = {"even", "odd"}, .members = {{0}, {1, 0}}};
  const std::vector<Grouping> groupings = {of_users, of_items};
  const Report report = make_report(cases, split, {10}, groupings);
  REQUIRE(report.by.size() == 2);
  const Breakdown& kind = report.by[0];
  REQUIRE(kind.parts.size() == 3);
  CHECK(kind.parts[0].cases == 12);
  CHECK(kind.parts[2].cases == 1);
  CHECK(kind.gap == doctest::Approx(1.0));
  CHECK(kind.parts[kind.best].name == "a");
  CHECK(kind.parts[kind.worst].name == "b");
  CHECK(report.by[1].parts[0].cases == 25);  // items may be in several groups
  CHECK(report.by[1].parts[1].cases == 12);
  nlohmann::json json;
  add_report(json, report);
  CHECK(json["by"]["kind"]["largest_gap"]["ndcg"] == doctest::Approx(1.0));
  CHECK(to_text(report).find("largest gap in NDCG: 1.0000, between a and b") != std::string::npos);
}

TEST_CASE("evaluate gives money and groups of the tables that are named") {
  const TestFiles folder;
  const auto data = folder.path("events.csv"), model = folder.path("m.tg");
  const auto users = folder.path("users.csv"), items = folder.path("items.csv");
  write(data, shop_events());
  std::string user_table = "user,gender,age\n", item_table = "item,kinds\n";
  for (int i = 0; i < 30; ++i)
    user_table +=
        "u" + std::to_string(i) + (i % 2 == 0 ? ",f," : ",m,") + std::to_string(20 + i) + "\n";
  for (int i = 0; i < 18; ++i)
    item_table += "i" + std::to_string(i) + (i % 3 == 0 ? ",red|round\n" : ",red\n");
  write(users, user_table);
  write(items, item_table);
  REQUIRE(run_program(TAPEGRAD_RECOMMEND, "train --quiet --model item-knn --data " +
                                              shell_quoted(data) + " --out " + shell_quoted(model))
              .code == 0);
  const std::string evaluate = "evaluate --quiet --model-file " + shell_quoted(model) + " --data " +
                               shell_quoted(data) + " ";
  const Outcome told =
      run_program(TAPEGRAD_RECOMMEND, evaluate + "--json --by user.gender,kinds --users " +
                                          shell_quoted(users) + " --items " + shell_quoted(items));
  REQUIRE_MESSAGE(told.code == 0, told.text);
  const auto json = nlohmann::json::parse(last_line(told.text));
  CHECK(json["by"]["gender"]["groups"].size() == 2);
  CHECK(json["by"]["gender"]["groups"][0]["name"] == "gender=f");
  CHECK(json["by"]["kinds"]["groups"].size() == 2);
  CHECK(json["revenue"]["all"].get<double>() > 0.0);
  CHECK(json["revenue"]["share@10"]["mean"].get<double>() <= 1.0);
  struct Case {
    std::string options;
    int code;
    std::string says;
  };
  for (const Case& one :
       {Case{"--by user.gender", 2, "--by with user. needs --users"},
        Case{"--by kinds", 2, "--by of items needs --items"},
        Case{"--users " + shell_quoted(users), 2, "--users has no effect without --by"},
        Case{"--by user.shoe --users " + shell_quoted(users), 1, "shoe"}}) {
    const Outcome refused = run_program(TAPEGRAD_RECOMMEND, evaluate + one.options);
    CHECK_MESSAGE(refused.code == one.code, refused.text);
    CHECK_MESSAGE(refused.text.find(one.says) != std::string::npos, refused.text);
  }
}

TEST_CASE("baselines stand beside a network unless told not to, with a test against the best") {
  const TestFiles folder;
  const auto data = folder.path("events.csv");
  write(data, shop_events());
  const std::string train =
      "train --quiet --json --model mf --factors 4 --epochs 2 --data " + shell_quoted(data);
  const Outcome all = run_program(TAPEGRAD_RECOMMEND, train);
  REQUIRE_MESSAGE(all.code == 0, all.text);
  const auto json = nlohmann::json::parse(last_line(all.text));
  std::vector<std::string> names;
  double best = -1.0;
  for (const auto& one : json["baselines"]) {
    names.push_back(one["model"]);
    best = std::max(best, one["ndcg@10"].get<double>());
  }
  CHECK(names == std::vector<std::string>{"popularity", "item-knn", "ease", "ials"});
  CHECK(json["against_best_baseline"]["difference"].get<double>() ==
        doctest::Approx(json["ndcg@10"].get<double>() - best));
  // The same figures as when the baseline is trained by itself.
  const Outcome alone = run_program(
      TAPEGRAD_RECOMMEND, "train --quiet --json --model ials --data " + shell_quoted(data));
  CHECK(nlohmann::json::parse(last_line(alone.text))["ndcg@10"] == json["baselines"][3]["ndcg@10"]);
  CHECK_FALSE(nlohmann::json::parse(
                  last_line(run_program(TAPEGRAD_RECOMMEND, train + " --baselines none").text))
                  .contains("baselines"));
  for (const char* wrong : {"gmf", "oracle", "''", "ials,ials"})
    CHECK(run_program(TAPEGRAD_RECOMMEND, train + " --baselines " + wrong).code == 2);
  CHECK(run_program(TAPEGRAD_RECOMMEND, train + " --baselines ials --protocol none").code == 2);
  CHECK(run_program(TAPEGRAD_RECOMMEND,
                    "train --model ease --baselines ials --data " + shell_quoted(data))
            .code == 2);
}
