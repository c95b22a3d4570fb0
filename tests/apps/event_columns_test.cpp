// What a table of events says of its items and users, without tables of these.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/interactions.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;
using nlohmann::json;

namespace {

Outcome run(const std::string& arguments) { return run_program(TAPEGRAD_RECOMMEND, arguments); }

std::string brand_of(int item) { return item % 3 == 0 ? "Acme" : item % 3 == 1 ? "Borg" : "Cork"; }
std::string country_of(int user) { return user % 2 == 0 ? "DE" : "FR"; }

// Users of two kinds, who have the even or the odd items. One row in five has another brand.
std::string events() {
  std::string text = "user,item,cost,Brand,Name,Country\n";
  for (int user = 0; user < 20; ++user) {
    for (int step = 0; step < 6; ++step) {
      const int item = (user % 2 + 2 * (step * (1 + user / 2))) % 20;
      const bool is_odd = (user * 6 + step) % 5 == 4;
      text += "u" + std::to_string(user) + ",i" + std::to_string(item) + "," +
              std::to_string(item) + ".5," + (is_odd ? "" : brand_of(item)) + ",Thing " +
              std::to_string(item) + "," + country_of(user) + "\n";
    }
  }
  return text;
}

// The same as tables, for the items and users that the events have.
std::string items() {
  std::string text = "item,Brand,Name\n";
  for (int item = 0; item < 20; ++item)
    text +=
        "i" + std::to_string(item) + "," + brand_of(item) + ",Thing " + std::to_string(item) + "\n";
  return text;
}
std::string users() {
  std::string text = "user,Country\n";
  for (int user = 0; user < 20; ++user)
    text += "u" + std::to_string(user) + "," + country_of(user) + "\n";
  return text;
}

}  // namespace

TEST_CASE(
    "of the fields that events say of an item the most frequent counts, of equals the first") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    EntityColumns columns({"name", "colour"});
    // By id and column: how often each field came, and where its first row in the file is.
    std::map<std::pair<std::string, std::size_t>, std::map<std::string, int>> counts;
    std::map<std::pair<std::size_t, std::string>, int> first;
    for (int row = 0; row < 60; ++row) {
      const std::string id = "i" + std::to_string(random() % 5);
      for (std::size_t column = 0; column < 2; ++column) {
        const std::string field = random() % 4 == 0 ? " " : "f" + std::to_string(random() % 4);
        columns.add(id, column, " " + field + " ");
        if (field == " ") continue;
        ++counts[{id, column}][field];
        first.try_emplace({column, field}, row);
      }
    }
    const EntityRows rows = columns.rows();
    CHECK(rows.columns == std::vector<std::string>{"name", "colour"});
    for (const auto& [key, fields] : counts) {
      std::string best;
      for (const auto& [field, count] : fields) {
        const bool is_better = best.empty() || count > fields.at(best) ||
                               (count == fields.at(best) &&
                                first.at({key.second, field}) < first.at({key.second, best}));
        if (is_better) best = field;
      }
      const auto row = rows.ids.find(key.first);
      REQUIRE(row >= 0);
      CHECK(rows.rows[static_cast<std::size_t>(row)][key.second] == best);
    }
  }
  EntityColumns none({"name"});
  none.add("i", 0, "  ");
  CHECK(none.rows().ids.size() == 0);
}

TEST_CASE("columns of events do what the same columns of tables do") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const std::string tables = " --items " + shell_quoted(folder.write("items.csv", items())) +
                             " --users " + shell_quoted(folder.write("users.csv", users()));
  const std::string columns = " --columns item.Brand=Brand,item.title=Name,user.Country=Country";
  const auto one = shell_quoted(folder.path("one.tg")), other = shell_quoted(folder.path("two.tg"));
  const std::string features = " --features Brand=Brand,user.Country=Country";
  for (const std::string& model : std::vector<std::string>{
           "two-tower --factors 4 --epochs 3" + features, "mf --factors 4 --epochs 3" + features,
           "content --features Brand=Brand"}) {
    CAPTURE(model);
    const bool has_users = model.find("user.") != std::string::npos;
    const std::string train = "train --quiet --protocol none --data " + data + " --model " + model;
    const Outcome by_tables =
        run(train + (has_users ? tables : tables.substr(0, tables.find(" --users"))) +
            " --columns item.title=Name --out " + one);
    REQUIRE_MESSAGE(by_tables.code == 0, by_tables.text);
    const Outcome by_events =
        run(train + (has_users ? columns : columns.substr(0, columns.find(",user."))) + " --out " +
            other);
    REQUIRE_MESSAGE(by_events.code == 0, by_events.text);
    const auto list = [&](const std::string& file) {
      return json::parse(
          last_line(run("recommend --quiet --json --user u3 --model-file " + file).text));
    };
    CHECK(list(one) == list(other));
    CHECK(list(other)["items"][0]["title"].get<std::string>().starts_with("Thing "));
  }
}

TEST_CASE("a column of events may have a role of its own as well, and groups results") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto model = shell_quoted(folder.path("m.tg"));
  const Outcome trained =
      run("train --model two-tower --factors 4 --epochs 2 --baselines none --data " + data +
          " --columns price=cost,item.cost=cost --out " + model);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  CHECK(trained.text.find("columns item. of the events: 20 items with the features cost") !=
        std::string::npos);
  const Outcome grouped = run("evaluate --model-file " + model + " --data " + data +
                              " --columns price=cost,user.Country=Country --by user.Country");
  REQUIRE_MESSAGE(grouped.code == 0, grouped.text);
  CHECK(grouped.text.find("Country=DE") != std::string::npos);
  CHECK(grouped.text.find("Country=FR") != std::string::npos);
  const Outcome seen = run("inspect --json --columns item.Brand=Brand --data " + data);
  REQUIRE_MESSAGE(seen.code == 0, seen.text);
  CHECK(json::parse(last_line(seen.text)).dump().find("items_without_features") !=
        std::string::npos);
}

TEST_CASE("new events bring what they say of new items") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto more =
      shell_quoted(folder.write("more.csv",
                                "user,item,cost,Brand,Name,Country\nu1,i99,1,Acme,New thing,FR\n"
                                "u99,i98,1,Unheard,Other,DE\n"));
  const auto model = shell_quoted(folder.path("m.tg")), after = shell_quoted(folder.path("n.tg"));
  const std::string columns = " --columns item.Brand=Brand,user.Country=Country";
  REQUIRE(run("train --quiet --protocol none --model two-tower --factors 4 --epochs 2 --data " +
              data + columns + " --out " + model)
              .code == 0);
  const Outcome updated =
      run("update --model-file " + model + " --data " + more + columns + " --out " + after);
  REQUIRE_MESSAGE(updated.code == 0, updated.text);
  CHECK(updated.text.find("columns item. of the events: 2 items with the features Brand") !=
        std::string::npos);
}

TEST_CASE("columns of events that nobody looks at are refused") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto table = shell_quoted(folder.write("items.csv", items()));
  const auto model = shell_quoted(folder.path("m.tg"));
  REQUIRE(run("train --quiet --model popularity --data " + data + " --out " + model).code == 0);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const std::string train = "train --data " + data + " --model ";
  for (const Case& one :
       {Case{train + "popularity --columns user.Country=Country", 2,
             "--columns user.Country=Country has no effect with model popularity"},
        Case{train + "mf --epochs 1 --columns item.Brand=Brand", 2,
             "--columns item.Brand=Brand has no effect with model mf without --features"},
        Case{train + "two-tower --epochs 1 --columns item.Brand=Brand --items " + table, 2,
             "--columns item.Brand=Brand has no effect with --items: --features chooses the "
             "columns"},
        Case{train + "two-tower --epochs 1 --columns item.Brand=Mark", 1,
             "expected a column \"Mark\" for item.Brand"},
        Case{train + "mf --epochs 1 --features Brand=Brand", 2,
             "a column of the events that --columns gives to items"},
        Case{train + "mf --epochs 1 --features all", 2, "--features need --items or --users"},
        Case{"evaluate --data " + data + " --model-file " + model + " --columns item.Brand=Brand",
             2, "--columns item.Brand=Brand has no effect without --by"},
        Case{"inspect --data " + data + " --columns user.Country=Country", 2,
             "--columns user.Country=Country has no effect in inspect"},
        Case{"update --data " + data + " --model-file " + model + " --out " +
                 shell_quoted(folder.path("n.tg")) + " --columns item.Brand=Brand",
             2, "with a model that has neither features nor titles of items"}}) {
    CAPTURE(one.arguments);
    const Outcome refused = run(one.arguments);
    CHECK_MESSAGE(refused.code == one.code, refused.text);
    CHECK_MESSAGE(refused.text.find(one.says) != std::string::npos, refused.text);
  }
}

TEST_CASE("a model of given files is evaluated, whatever ids the parts have for themselves") {
  const TestFiles folder;
  const std::string parts =
      " --train " +
      shell_quoted(folder.write("tr.csv", "user,item,kind\na,x,1\na,y,2\nb,x,1\nb,z,3\n")) +
      " --valid " + shell_quoted(folder.write("va.csv", "user,item,kind\nd,v,1\na,z,3\nd,x,1\n")) +
      " --test " + shell_quoted(folder.write("te.csv", "user,item,kind\nc,y,2\nb,y,2\na,w,1\n"));
  const auto model = shell_quoted(folder.path("m.tg"));
  const auto items =
      shell_quoted(folder.write("items.csv", "item,size\nx,1\ny,2\nz,3\nq,4\nw,5\n"));
  for (const std::string& options : std::vector<std::string>{
           "popularity",
           "two-tower --factors 2 --epochs 1 --baselines none --columns item.kind=kind",
           "two-tower --factors 2 --epochs 1 --baselines none --items " + items}) {
    CAPTURE(options);
    const Outcome trained = run("train --json --quiet --protocol files" + parts + " --out " +
                                model + " --model " + options);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    const Outcome evaluated = run("evaluate --json --quiet --model-file " + model + parts);
    REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
    CHECK(json::parse(last_line(evaluated.text))["ndcg@10"] ==
          json::parse(last_line(trained.text))["ndcg@10"]);
  }
}

TEST_CASE("a column of ids is no feature where ids are hidden") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto key = shell_quoted(folder.write("key", "a key of sixteen bytes and more"));
  const std::string train =
      "train --quiet --protocol none --factors 2 --epochs 1 --model mf --data " + data +
      " --features all --out " + shell_quoted(folder.path("m.tg"));
  CHECK(run(train + " --columns user.me=user").code == 0);
  const Outcome refused = run(train + " --columns user.me=user --pseudonymise " + key);
  CHECK(refused.code == 2);
  CHECK_MESSAGE(refused.text.find("the feature \"me\" holds the ids of users") != std::string::npos,
                refused.text);
  CHECK(run(train + " --columns user.Country=Country --pseudonymise " + key).code == 0);
}
