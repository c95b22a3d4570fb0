// tg-recommend recommend: whom it recommends to, by which rules, and where the items come from.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/models/registry.h>

#include "program_tools.h"
#include "test_files.h"

namespace {

using tapegrad::apps::model_rows;
using tapegrad::apps::TestFiles;
using namespace program_tools;
using nlohmann::json;

Outcome run(const std::string& arguments) { return run_program(TAPEGRAD_RECOMMEND, arguments); }

// Users of two kinds, who have the even or the odd items.
std::string events() {
  std::string text = "user,item\n";
  for (int user = 0; user < 16; ++user) {
    for (int step = 0; step < 5; ++step)
      text += "u" + std::to_string(user) + ",i" +
              std::to_string((user + 2 * step * (1 + user / 2)) % 20) + "\n";
  }
  return text;
}

std::string items() {
  std::string text = "item,title,category,price,stock\n";
  for (int item = 0; item < 20; ++item)
    text += "i" + std::to_string(item) + ",\"Thing, " + std::to_string(item) + "\",c" +
            std::to_string(item % 4) + ",\"" + std::to_string(item) + ",50 €\"," +
            (item % 3 == 0 ? "0" : "7") + "\n";
  return text;
}

std::string small(const std::string& model) {
  if (model == "popularity" || model == "content" || model == "category-popularity") return "";
  if (model == "ease") return " --lambda 5";
  if (model == "ials") return " --lambda 0.1 --alpha 0.1 --factors 4";
  if (model == "item-knn") return " --neighbours 5 --shrinkage 0 --weighting cosine";
  return (model == "history-mlp" ? " --hidden 8-4" : " --factors 4") + std::string(" --epochs 3");
}

std::string train(const TestFiles& files, const std::string& model) {
  const std::string data = shell_quoted(files.write("events.csv", events()));
  const std::string out = shell_quoted(files.path(model + ".tg"));
  const bool has_features = model == "content" || model == "category-popularity";
  const std::string table =
      has_features ? " --items " + shell_quoted(files.write("features.csv", items())) : "";
  const Outcome trained = run("train --quiet --protocol none --model " + model + small(model) +
                              " --data " + data + table + " --out " + out);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  return " --quiet --model-file " + out;
}

}  // namespace

TEST_CASE("every model says where the items of somebody with a history come from") {
  const TestFiles files;
  const std::set<std::string> by_number{"gmf", "mlp", "neumf"};
  for (const auto& row : model_rows()) {
    const std::string name(row.name);
    CAPTURE(name);
    const std::string model = train(files, name);
    const Outcome known = run("recommend --json --user u3 --k 4" + model);
    REQUIRE_MESSAGE(known.code == 0, known.text);
    const json own = json::parse(last_line(known.text));
    CHECK(own["items"].size() == 4);
    for (const auto& item : own["items"]) CHECK(item["source"] == "model");
    const Outcome outcome = run("recommend --json --history i0,i2,i4 --k 4" + model);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    const json answer = json::parse(last_line(outcome.text));
    CHECK(answer["known"] == false);
    REQUIRE(answer["items"].size() == 4);
    for (const auto& one : answer["items"]) {
      CHECK(one["source"] == (by_number.contains(name) ? "popular" : "history"));
      CHECK(std::set<std::string>{"i0", "i2", "i4"}.count(one["item"]) == 0);
    }
    // The same history in another order, and with repetitions, is the same.
    const Outcome again = run("recommend --json --history 'i4 i0,i2,i2' --k 4" + model);
    CHECK(json::parse(last_line(again.text))["items"] == answer["items"]);
  }
}

TEST_CASE("all users and files of histories are answered at once, each as if it came alone") {
  const TestFiles files;
  for (const std::string name : {"mf", "ials", "history-mlp", "item-knn"}) {
    CAPTURE(name);
    const std::string model = train(files, name);
    const std::string out = files.path("recs.csv");
    const Outcome all =
        run("recommend --all-users --k 3 --threads 3 --out " + shell_quoted(out) + model);
    REQUIRE_MESSAGE(all.code == 0, all.text);
    CHECK(all.text.empty());
    const std::string csv = read(out);
    CHECK(csv.starts_with("user,rank,item,score,source,title\n"));
    CHECK(std::ranges::count(csv, '\n') == 1 + 16 * 3);
    const Outcome one = run("recommend --json --user u9 --k 3" + model);
    int rank = 0;
    const json answer = json::parse(last_line(one.text));
    for (const auto& item : answer["items"])
      CHECK(csv.find("u9," + std::to_string(++rank) + "," + item["item"].get<std::string>() +
                     ",") != std::string::npos);
    const std::string histories =
        shell_quoted(files.write("h.txt", "i1,i3\n\ni0 nothing\nnothing\n"));
    const Outcome some = run("recommend --json --k 3 --histories " + histories + model);
    REQUIRE_MESSAGE(some.code == 0, some.text);
    CHECK(some.text.find("item \"nothing\" is unknown and left out") != std::string::npos);
    CHECK(some.text.find("2 of 4 people get the items that most users have") != std::string::npos);
  }
}

TEST_CASE("rules of the shop hold, and a list that is short says why") {
  const TestFiles files;
  const std::string model = train(files, "ials");
  const std::string table = " --items " + shell_quoted(files.write("items.csv", items()));
  const auto list = [&](const std::string& rules) {
    const Outcome outcome = run("recommend --json --user u3 --k 20 --include-seen" + rules + model);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    std::vector<int> numbers;
    const json answer = json::parse(last_line(outcome.text));
    for (const auto& one : answer["items"])
      numbers.push_back(std::stoi(one["item"].get<std::string>().substr(1)));
    return numbers;
  };
  CHECK(list("").size() == 20);
  CHECK(list(" --exclude i1,i2").size() == 18);
  CHECK(list(" --only i1,i2,i3").size() == 3);
  for (const int item : list(table + " --in-stock")) CHECK(item % 3 != 0);
  for (const int item : list(table + " --price 5-9,6")) CHECK((item >= 5 && item <= 9));
  CHECK(list(table + " --price 5-9,6").size() == 5);
  CHECK(list(table + " --price 15-").size() == 5);
  CHECK(list(table + " --max-per-category 2").size() == 8);
  CHECK(list(" --diversity 0.5").size() == 20);
  const Outcome short_list = run("recommend --user u3 --k 9 --in-stock --only i0,i1,i3" + table +
                                 " --include-seen" + model);
  CHECK_MESSAGE(short_list.text.find("1 of the 9 items wanted: of 20 items 7 are out of stock, 12 "
                                     "are not among --only") != std::string::npos,
                short_list.text);
  CHECK(short_list.text.find("Thing, 1") != std::string::npos);
}

TEST_CASE("wrong ways to ask are one line and an exit code") {
  const TestFiles files;
  const std::string model = train(files, "popularity");
  const std::string table = " --items " + shell_quoted(files.write("items.csv", items()));
  const std::string bare =
      " --items " + shell_quoted(files.write("bare.csv", "item,title\ni1,One\n"));
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"", 2,
       "one of --user, --history, --histories, --user-features, --users and --all-users is needed"},
      {" --user u1 --all-users", 2, "one of --user, --history, --histories"},
      {" --history nothing", 1, "expected an item that the model knows, got \"nothing\""},
      {" --history 'i1,\"i2'", 1, "expected a closing quote"},
      {" --histories " + shell_quoted(files.write("empty.txt", "")), 1,
       "empty.txt: expected a history, got none"},
      {" --histories /nowhere/h.txt", 1, "/nowhere/h.txt"},
      {" --user u1 --in-stock", 2, "--in-stock has no effect without --items"},
      {" --user u1 --max-per-category 2", 2, "--max-per-category has no effect without --items"},
      {" --user u1 --price 5-6", 2, "--price has no effect without --items"},
      {" --user u1 --price 5" + table, 2, "--price: expected a range such as 10-50"},
      {" --user u1 --price 9-5" + table, 2, "--price: expected a range such as 10-50"},
      {" --user u1 --price a-b" + table, 2, "--price: expected a range such as 10-50"},
      {" --user u1 --in-stock" + bare, 2, "--in-stock needs a column of the item table"},
      {" --user u1 --diversity 2", 2, "--diversity must be within [0, 1], got 2"},
      {" --user u1 --diversity nan", 2, "--diversity must be within [0, 1], got nan"},
      {" --all-users --json --out " + shell_quoted(files.path("x.csv")), 2,
       "--json has no effect with --out"},
      {" --all-users --out /nowhere/x.csv", 1, "/nowhere/x.csv"},
      {" --all-users --out " + shell_quoted(files.path("popularity.tg")), 2, "is named twice"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run("recommend" + one.arguments + model);
    CHECK(outcome.code == one.code);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
}

TEST_CASE("every model says which items are like one, and why") {
  const TestFiles files;
  for (const auto& row : model_rows()) {
    const std::string name(row.name);
    CAPTURE(name);
    const std::string model = train(files, name);
    const Outcome outcome = run("similar --json --item i4 --k 3 --exclude i6" + model);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    const json answer = json::parse(last_line(outcome.text));
    REQUIRE(answer["items"].size() == 3);
    for (const auto& one : answer["items"]) {
      CHECK(one["item"] != "i4");
      CHECK(one["item"] != "i6");
    }
  }
  const std::string model = train(files, "popularity");
  CHECK(run("similar --item nothing" + model).code == 1);
  CHECK(run("similar --item i4 --include-seen" + model).code == 2);
}

TEST_CASE("a score is explained by the items of the history, exactly where these add up to it") {
  const TestFiles files;
  for (const std::string name : {"ease", "item-knn", "ials", "mf", "history-mlp"}) {
    CAPTURE(name);
    const std::string model = train(files, name);
    const std::string svg = files.path("e.svg");
    const Outcome outcome = run("explain --json --history i0,i2,i4,i8 --item i6 --k 9 --svg " +
                                shell_quoted(svg) + model);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    const json answer = json::parse(last_line(outcome.text));
    REQUIRE(answer["contributions"].size() == 4);
    CHECK(read(svg).starts_with("<svg"));
    double sum = 0.0, before = 1e300;
    for (const auto& one : answer["contributions"]) {
      const double value = one["contribution"].get<double>();
      CHECK(std::abs(value) <= before);
      before = std::abs(value);
      sum += value;
    }
    if (name == "ease" || name == "item-knn") {
      CHECK(answer["exact"] == true);
      CHECK(sum == doctest::Approx(answer["score"].get<double>()).epsilon(1e-4));
    }
    // Leaving one out by hand gives the same.
    const auto score = [&](const std::string& history) {
      const Outcome scored = run("explain --json --history " + history + " --item i6" + model);
      return json::parse(last_line(scored.text))["score"].get<double>();
    };
    const std::string first = answer["contributions"][0]["item"].get<std::string>();
    std::string rest;
    for (const std::string item : {"i0", "i2", "i4", "i8"}) {
      if (item != first) rest += (rest.empty() ? "" : ",") + item;
    }
    CHECK(answer["contributions"][0]["contribution"].get<double>() ==
          doctest::Approx(score("i0,i2,i4,i8") - score(rest)).epsilon(1e-4));
    CHECK(run("explain --user u3 --item i6" + model).code == 0);
  }
  const std::string model = train(files, "gmf");
  CHECK(run("explain --user u3 --item i6" + model).text.find("cannot score histories") !=
        std::string::npos);
  CHECK(run("explain --item i6" + model).code == 2);
  CHECK(run("explain --user nobody --item i6" + model).code == 1);
  CHECK(run("explain --user u3 --item nothing" + model).code == 1);
}
