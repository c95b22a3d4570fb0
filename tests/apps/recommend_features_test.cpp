// tg-recommend recommend: people who are known by their features alone.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/models/registry.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;
using nlohmann::json;

namespace {

Outcome run(const std::string& arguments) { return run_program(TAPEGRAD_RECOMMEND, arguments); }

std::string events() {
  std::string text = "user,item\n";
  for (int user = 0; user < 20; ++user) {
    for (int step = 0; step < 6; ++step)
      text += "u" + std::to_string(user) + ",i" +
              std::to_string((user % 2 + 2 * (step * (1 + user / 2))) % 20) + "\n";
  }
  return text;
}

std::string row(const std::string& id, int number) {
  return id + "," + (number % 2 == 0 ? "F" : "M") + "," + std::to_string(20 + number) + "\n";
}

std::string users(bool with_cold) {
  std::string text = "user,gender,age\n";
  for (int user = 0; user < 20; ++user) text += row("u" + std::to_string(user), user);
  return text + (with_cold ? row("cold", 5) : "");
}

}  // namespace

TEST_CASE("somebody's features at the query do what a user's without events do, in every model") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto all = shell_quoted(folder.write("users.csv", users(true)));
  const auto some = shell_quoted(folder.write("known.csv", users(false)));
  const auto new_people = shell_quoted(
      folder.write("new.csv", "user,age,gender\n" + std::string("a,25,M\nu4,24,F\nnobody,,\n")));
  int models = 0;
  for (const ModelRow& model : model_rows()) {
    if (!model.is_neural() || model.features == FeatureUse::none) continue;
    CAPTURE(model.name);
    ++models;
    const auto trained_with = shell_quoted(folder.path("with.tg")),
               trained_without = shell_quoted(folder.path("without.tg"));
    const std::string train = "train --quiet --protocol none --factors 4 --epochs 4 --model " +
                              std::string(model.name) + " --data " + data +
                              " --features user.gender=gender,user.age=age --users ";
    REQUIRE(run(train + all + " --out " + trained_with).code == 0);
    REQUIRE(run(train + some + " --out " + trained_without).code == 0);
    const auto ask = [&](const std::string& file, const std::string& whom) {
      const Outcome outcome = run("recommend --json --quiet --model-file " + file + " " + whom);
      REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
      return json::parse(last_line(outcome.text));
    };
    // A user who was trained with, and has no events, is a user by features.
    const json cold = ask(trained_with, "--user cold");
    CHECK(cold["items"].size() == 10);
    for (const auto& item : cold["items"]) CHECK(item["source"] == "features");
    CHECK(ask(trained_with, "--user-features age=25,gender=M")["items"] == cold["items"]);
    CHECK(ask(trained_with, "--user-features gender=F")["items"] != cold["items"]);
    const Outcome table =
        run("recommend --json --quiet --users " + new_people + " --model-file " + trained_without);
    REQUIRE_MESSAGE(table.code == 0, table.text);
    std::vector<json> lists;
    std::istringstream lines(table.text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("{")) lists.push_back(json::parse(line));
    }
    REQUIRE(lists.size() == 3);
    CHECK(lists[0]["user"] == "a");
    CHECK(lists[0]["items"] == ask(trained_without, "--user-features age=25,gender=M")["items"]);
    CHECK(lists[0]["items"][0]["source"] == "features");
    CHECK(lists[1]["items"] == ask(trained_without, "--user u4")["items"]);
    CHECK(lists[1]["items"][0]["source"] == "model");
    CHECK(lists[2]["items"][0]["source"] == "popular");
    CHECK(table.text.find("1 of 3 people get the items that most users have") != std::string::npos);
  }
  CHECK(models == 5);
}

TEST_CASE("features that a model cannot use are refused") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto all = shell_quoted(folder.write("users.csv", users(false)));
  const auto plain = shell_quoted(folder.path("plain.tg")),
             featured = shell_quoted(folder.path("featured.tg"));
  REQUIRE(run("train --quiet --protocol none --factors 4 --epochs 1 --model mf --data " + data +
              " --out " + plain)
              .code == 0);
  REQUIRE(run("train --quiet --protocol none --factors 4 --epochs 1 --model mf --data " + data +
              " --users " + all + " --features user.gender=gender --out " + featured)
              .code == 0);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  for (const Case& one :
       {Case{"--user-features gender=F --model-file " + plain, 2,
             "the model mf was trained without features of users"},
        Case{"--users " + all + " --model-file " + plain, 2,
             "the model mf was trained without features of users"},
        Case{"--user-features age=3 --model-file " + featured, 1,
             "the model was trained without a feature \"age\""},
        Case{"--user-features gender=F,gender=M --model-file " + featured, 2, "is given twice"},
        Case{"--user-features gender --model-file " + featured, 2, "--user-features"},
        Case{"--user-features gender=F --user u1 --model-file " + featured, 2, "one of --user"},
        Case{"--user u1 --features user.gender=gender --model-file " + featured, 2,
             "--features has no effect without --users"},
        Case{"--user-features gender=F --include-seen --model-file " + featured, 2,
             "--include-seen has no effect with --user-features"},
        Case{"--user-features gender=X --model-file " + featured, 0,
             "the model does not know gender \"X\", which is left out"},
        // Nothing is known of such a person: the list is what most users have, and that is told.
        Case{"--user-features gender=X --model-file " + featured, 0,
             "has neither an event that was trained on nor a feature that the model knows"}}) {
    CAPTURE(one.arguments);
    const Outcome outcome = run("recommend " + one.arguments);
    CHECK_MESSAGE(outcome.code == one.code, outcome.text);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
}

TEST_CASE("models that look at items alone take no features of users") {
  const TestFiles folder;
  const auto data = shell_quoted(folder.write("events.csv", events()));
  const auto people = shell_quoted(folder.write("users.csv", users(true)));
  std::string table = "item,kind\n";
  for (int item = 0; item < 20; ++item)
    table += "i" + std::to_string(item) + "," + std::to_string(item % 3) + "a\n";
  const auto items = shell_quoted(folder.write("items.csv", table));
  const auto model = shell_quoted(folder.path("m.tg"));
  for (const ModelRow& row : model_rows()) {
    if (row.is_neural() || row.features == FeatureUse::none) continue;
    CAPTURE(row.name);
    const std::string train = "train --quiet --protocol none --data " + data + " --items " + items +
                              " --out " + model + " --model " + std::string(row.name);
    for (const std::string& more : {" --users " + people, std::string(" --columns user.me=user"),
                                    " --users " + people + " --features kind=kind,user.age=age"}) {
      const Outcome refused = run(train + more);
      CHECK(refused.code == 2);
      CHECK_MESSAGE(refused.text.find("which looks at items alone") != std::string::npos,
                    refused.text);
    }
    REQUIRE(run(train).code == 0);
    for (const std::string& whom : {std::string("--user-features age=25"), "--users " + people}) {
      const Outcome refused = run("recommend --model-file " + model + " " + whom);
      CHECK(refused.code == 2);
      CHECK(refused.text.find("was trained without features of users") != std::string::npos);
    }
  }
}
