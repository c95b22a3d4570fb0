// What tg-recommend takes for known, hidden and liked, and what it says about it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "program_tools.h"
#include "test_files.h"

namespace {

using tapegrad::apps::TestFiles;
using namespace program_tools;

Outcome run(const std::string& arguments, const std::string& before = "") {
  return run_program(TAPEGRAD_RECOMMEND, arguments, before);
}

std::set<std::string> items_for(const std::string& user, const std::string& model,
                                const std::string& options = "") {
  const Outcome outcome = run(
      "recommend --quiet --json --model-file " + model + " --user '" + user + "'" + options, "");
  REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
  std::set<std::string> items;
  const nlohmann::json answer = nlohmann::json::parse(last_line(outcome.text));
  for (const auto& one : answer["items"]) items.insert(one["item"].get<std::string>());
  return items;
}

using Names = std::set<std::string>;

// Item 9 has one event, which is held out; user d appears in the last events only.
const std::string cold =
    "user,item,time\na,1,1\na,2,2\na,9,3\nb,1,1\nb,2,2\nb,3,3\nc,2,1\nc,3,2\nc,1,3\n";

std::string options_of(const std::string& model) {
  if (model == "popularity") return "";
  if (model == "ease") return " --lambda 5";
  if (model == "item-knn") return " --neighbours 5 --shrinkage 0 --weighting cosine";
  if (model == "ials") return " --factors 4 --lambda 0.1 --alpha 0.1";
  return (model == "history-mlp" ? " --hidden 4" : " --factors 4") + std::string(" --epochs 2");
}

}  // namespace

TEST_CASE("no model recommends an item without training events, nor anything that the user had") {
  const TestFiles files;
  const std::string data = " --data " + shell_quoted(files.write("cold.csv", cold));
  const std::string out = shell_quoted(files.path("m.tg"));
  for (const std::string model :
       {"popularity", "ease", "item-knn", "ials", "mf", "gmf", "mlp", "neumf", "history-mlp"}) {
    for (const char* seed : {"1", "2"}) {
      CAPTURE(model);
      CAPTURE(seed);
      const Outcome trained = run("train --quiet --seed " + std::string(seed) + " --model " +
                                  model + options_of(model) + data + " --out " + out);
      REQUIRE_MESSAGE(trained.code == 0, trained.text);
      CHECK(items_for("a", out) == Names{"3"});
      CHECK(items_for("c", out).empty());
      CHECK(items_for(" c ", out, " --include-seen") == Names{"1", "2", "3"});
      CHECK(items_for("nobody", out) == Names{"1", "2", "3"});
    }
  }
  CHECK(
      run("recommend --user c --model-file " + out)
          .text.find("0 of the 10 items wanted: of 4 items 3 were had before, 1 have no event that "
                     "was trained on") != std::string::npos);
}

TEST_CASE("a user whose events are all held out gets what most users have, and is told") {
  const TestFiles files;
  std::string text = "user,item,time\n";
  for (int user = 0; user < 9; ++user) {
    for (int k = 0; k < 4; ++k)
      text += "u" + std::to_string(user) + ",i" + std::to_string(user * k % 5) + "," +
              std::to_string(k) + "\n";
  }
  text += "late,i0,100\nlate,new,101\nu1,i2,102\n";
  const std::string data = " --data " + shell_quoted(files.write("d.csv", text));
  const std::string out = shell_quoted(files.path("m.tg"));
  REQUIRE(run("train --quiet --protocol temporal --model mf --factors 4 --epochs 1" + data +
              " --out " + out)
              .code == 0);
  const Outcome late = run("recommend --k 2 --user late --model-file " + out);
  CHECK(late.code == 0);
  CHECK_MESSAGE(
      late.text.find(
          "user late has no event that was trained on: these are the items that most users have") !=
          std::string::npos,
      late.text);
  const Names hidden = items_for("late", out);
  CHECK(!hidden.contains("i0"));
  CHECK(!hidden.contains("new"));
  // The protocol of the evaluation is the model's.
  const Outcome evaluated = run("evaluate --json --model-file " + out + data);
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
  CHECK(nlohmann::json::parse(last_line(evaluated.text))["protocol"] == "temporal 0.1");
  CHECK(run("evaluate --protocol loo --model-file " + out + data).code == 2);
}

TEST_CASE("with protocol none all events train, and what was saved is said in a line") {
  const TestFiles files;
  const std::string data = " --data " + shell_quoted(files.write("cold.csv", cold));
  const std::string path = files.path("m.tg"), out = shell_quoted(path);
  for (const std::string model : {"popularity", "ease", "mf", "gmf"}) {
    CAPTURE(model);
    const Outcome trained =
        run("train --protocol none --model " + model + options_of(model) + data + " --out " + out);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    CHECK(trained.text.find(path + ": saved " + model +
                            ", trained on 9 of 9 events, evaluated on none (protocol none)\n") !=
          std::string::npos);
    CHECK(last_line(trained.text).find("not evaluated (protocol none") != std::string::npos);
    CHECK(items_for("b", out) == Names{"9"});
    const Outcome evaluated = run("evaluate --model-file " + out + data);
    CHECK(evaluated.code == 1);
    CHECK(evaluated.text.find("nothing of its data is left to evaluate it on") !=
          std::string::npos);
  }
  const Outcome held = run("train --model popularity" + data + " --out " + out);
  CHECK(held.text.find("saved popularity, trained on 6 of 9 events, evaluated on what was held out "
                       "of 3 users (protocol loo)\n") != std::string::npos);
  const Outcome json = run("train --json --quiet --protocol none --model popularity" + data);
  const auto result = nlohmann::json::parse(json.text);
  CHECK(result["protocol"] == "none");
  CHECK(!result.contains("hr@10"));
}

TEST_CASE("ratings of zero and below are likes only where that is said, and --min-rating decides") {
  const TestFiles files;
  const std::string text =
      "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"a\";\"x\";\"0\"\n\"a\";\"y\";\"5\"\n\"a\";\"z\";\"-"
      "2\"\n\"b\";\"x\";\"3\"\n"
      "\"b\";\"v\";\"6\"\n\"b\";\"y\";\"6\"\n\"c\";\"v\";\"6\"\n\"c\";\"y\";\"6\"\n\"c\";\"w\";"
      "\"0\"\n";
  const std::string data = " --data " + shell_quoted(files.write("bx.csv", text));
  const std::string out = shell_quoted(files.path("m.tg"));
  const Outcome all = run("train --model popularity" + data);
  REQUIRE_MESSAGE(all.code == 0, all.text);
  CHECK(all.text.find("3 of 9 rows have a rating of 0 or below and count like the "
                      "others; --min-rating") != std::string::npos);
  CHECK(all.text.find("(3 cases, protocol loo") != std::string::npos);
  const Outcome some =
      run("train --protocol none --model popularity --min-rating 1" + data + " --out " + out);
  REQUIRE_MESSAGE(some.code == 0, some.text);
  CHECK(some.text.find("6 of 9 events are likes (a rating of 1 or more)") != std::string::npos);
  CHECK(some.text.find("count like the others") == std::string::npos);
  // What was rated too low is hidden from its user, and is known by no like.
  CHECK(items_for("a", out) == Names{"v"});
  CHECK(items_for("nobody", out) == Names{"v", "x", "y"});
  const Outcome judged =
      run("train --quiet --json --model popularity --min-rating 1" + data + " --out " + out);
  const Outcome again = run("evaluate --quiet --json --model-file " + out + data);
  REQUIRE_MESSAGE(again.code == 0, again.text);
  CHECK(nlohmann::json::parse(again.text)["hr@10"] == nlohmann::json::parse(judged.text)["hr@10"]);
  CHECK(nlohmann::json::parse(again.text)["cases"] == 1);
  // Quantities of a shop: returns are told.
  const std::string shop =
      "InvoiceNo,StockCode,Quantity,CustomerID\n1,p,2,k\n1,q,1,k\n2,q,-1,k\n3,p,1,l\n3,r,5,l\n4,r,-"
      "5,l\n5,p,1,m\n";
  const Outcome returns = run("train --protocol none --model popularity --data " +
                              shell_quoted(files.write("shop.csv", shop)));
  CHECK_MESSAGE(
      returns.text.find("2 rows with a negative quantity take back 2 purchases (0 of them "
                        "more than was bought before)") != std::string::npos,
      returns.text);
  CHECK(returns.text.find("3 of 7 events are likes;") != std::string::npos);
}

TEST_CASE("a run begins with a line that says what was read, and an item table by id is read") {
  const TestFiles files;
  const std::string path = files.write("cold.csv", cold + "b\n");
  const std::string items = files.write("items.csv", "id,title\n1,One\n2,Two\n");
  const Outcome outcome = run("train --skip-bad-lines --model ease --lambda 5 --data " +
                              shell_quoted(path) + " --items " + shell_quoted(items));
  REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
  CHECK(outcome.text.starts_with(path +
                                 ": read 9 rows of user \"user\", item \"item\", time \"time\": 3 "
                                 "users, 4 items, from 1 to 3; every "
                                 "event is a like; skipped 1 malformed lines, the first: " +
                                 path + ":11:2: expected 3 fields, got 1\n"));
  CHECK(outcome.text.find("\n" + items +
                          ": read 2 rows of item.id \"id\", item.title \"title\": titles of "
                          "2 of the 4 items; skipped no lines\n") != std::string::npos);
  const std::string dated = files.write(
      "dated.csv", "u;i;5;978300760\nu;j;5;978300761\nu;k;1;978300769\nv;i;1;978300768\n");
  CHECK(run("train --model popularity --data " + shell_quoted(dated))
            .text.find("user column 1, item column 2, rating column 3, time column 4: 2 users, 3 "
                       "items, from 2000-12-31 22:12:40 to "
                       "2000-12-31 22:12:49;") != std::string::npos);
}

TEST_CASE(
    "help and the version are answered in every form, with short numbers and no option without "
    "help") {
  for (const char* program : {TAPEGRAD_RECOMMEND, TAPEGRAD_SEQUENCE}) {
    CAPTURE(program);
    const bool recommend = std::string(program) == TAPEGRAD_RECOMMEND;
    for (const char* form : {"-h", "--help", "help"})
      CHECK(run_program(program, form).text.starts_with("usage: "));
    CHECK(run_program(program, "--version").text.starts_with("tapegrad "));
    for (const std::string& command : {std::string("train"), std::string("evaluate"),
                                       std::string(recommend ? "recommend" : "predict")}) {
      CAPTURE(command);
      CHECK(run_program(program, command + " --version").text.starts_with("tapegrad "));
      const Outcome help = run_program(program, command + " -h");
      CHECK(help.code == 0);
      CHECK(help.text == run_program(program, command + " --help").text);
      std::size_t digits = 0, longest = 0;
      for (const char character : help.text) {
        digits = std::isdigit(static_cast<unsigned char>(character)) != 0 ? digits + 1 : 0;
        longest = std::max(longest, digits);
      }
      CHECK(longest <= 4);
      // A line of an option goes on with what it is for.
      const std::regex without_help(R"( +-\S+( \[ --\S+ \])?( arg)?( \(=[^)]*\))? *)");
      std::size_t begin = 0;
      for (std::size_t end; (end = help.text.find('\n', begin)) != std::string::npos;
           begin = end + 1) {
        const std::string line = help.text.substr(begin, end - begin);
        if (!line.starts_with("  -")) continue;
        CAPTURE(line);
        CHECK_FALSE(std::regex_match(line, without_help));
      }
    }
  }
}
