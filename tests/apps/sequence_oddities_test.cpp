// Tables of events that are odd and yet can be read: every network trains on them, evaluates and
// says what it did.
#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "../sanitizers.h"
#include "sequence_files.h"

namespace {

using namespace sequence_files;

struct Oddity {
  std::string name;
  std::string train, test;  // rows of session,item,time,type
  std::string told;         // a part of what is said; empty: nothing particular
};

std::string rows(int first, int count, const std::string& item, const std::string& time) {
  std::string text;
  for (int s = first; s < first + count; ++s) {
    for (int k = 0; k < 3; ++k)
      text += fmt::format("{},{}{},{},view\n", s, item, (s + k) % 4,
                          time.empty() ? std::to_string(10 * s + k) : time);
  }
  return text;
}

// The same with another kind of ids.
std::string quoted(const std::string& text) {
  return std::regex_replace(text, std::regex(",i([0-9])"), ",\"a \"\"b\"\", $1\"");
}

std::vector<Oddity> oddities() {
  const std::string usual = rows(0, 20, "i", ""), asked = rows(50, 4, "i", "");
  std::string backwards;
  for (int s = 20; s-- > 0;) {
    for (int k = 3; k-- > 0;)
      backwards += fmt::format("{},i{},{},view\n", s, (s + k) % 4, 10 * s + k);
  }
  std::string endless;
  const int events = freed_memory_is_kept ? 500 : 5000;
  for (int k = 0; k < events; ++k) endless += fmt::format("99,i{},{},view\n", k % 4, 1000 + k);
  return {{"equal times", rows(0, 20, "i", "7"), rows(50, 4, "i", "7"), ""},
          {"times that go backwards", backwards, asked, ""},
          {"times before 1970", rows(0, 20, "i", "-5.5"), asked, ""},
          {"sessions of one event among others", usual + "70,i1,1,view\n71,i2,2,view\n",
           asked + "80,i1,1,view\n", "1 sessions have fewer than two events"},
          {"ids that are not UTF-8", rows(0, 20, "caf\xe9", ""), rows(50, 4, "caf\xe9", ""), ""},
          {"ids with quotes, blanks and commas", quoted(usual), quoted(asked), ""},
          {"a test with items that nobody knows", usual, asked + "90,new,1,view\n90,newer,2,view\n",
           "were not trained on: they count as missed"},
          {"a type that only the test has", usual, asked + "90,i1,1,wish\n90,i2,2,wish\n", ""},
          {"a session that does not end", usual + endless, asked + endless, ""}};
}

}  // namespace

TEST_CASE("odd tables of events train and test every network, and nothing crashes") {
  for (const Oddity& odd : oddities()) {
    CAPTURE(odd.name);
    const TestFiles folder;
    const std::string head = "session,item,time,type\n";
    const std::string data = " --train " +
                             shell_quoted(folder.write("train.csv", head + odd.train)) +
                             " --test " + shell_quoted(folder.write("test.csv", head + odd.test));
    for (const std::string model : {"gru", "sasrec", "nextitnet", "stan"}) {
      CAPTURE(model);
      const bool is_network = model != "stan";
      const std::string out = shell_quoted(folder.path("m.tg"));
      const Outcome trained =
          run("train --json --model " + model + data + " --out " + out +
              (is_network ? " --width 4 --epochs 1 --baselines none --intervals on --revisits on"
                          : " --neighbours 10 --sample 20 --position-scale 1 --recency-scale 1 "
                            "--neighbour-scale 1"));
      REQUIRE_MESSAGE(trained.code == 0, trained.text);
      CHECK_MESSAGE(trained.text.find(odd.told) != std::string::npos, trained.text);
      const auto json = nlohmann::json::parse(last_line(trained.text));
      CHECK(json["cases"].get<int>() > 0);
      const Outcome again =
          run("evaluate --json --model-file " + out + data.substr(data.find(" --test")));
      REQUIRE_MESSAGE(again.code == 0, again.text);
      CHECK(nlohmann::json::parse(last_line(again.text))["recall@20"] == json["recall@20"]);
    }
  }
}

TEST_CASE("a table of one item, of one class or of no event is refused in a line") {
  const TestFiles folder;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(folder.write(name, text));
  };
  const std::string one_item = file("one.csv", "session,item,time\n1,a,1\n1,a,2\n2,a,3\n2,a,4\n");
  const std::string one_class =
      file("class.csv", "session,item,time,bought\n1,a,1,0\n1,b,2,0\n2,a,3,0\n2,b,4,0\n3,a,5,0\n");
  const std::string none = file("none.csv", "session,item,time\n");
  struct Case {
    std::string arguments, says;
  };
  for (const Case& one : std::vector<Case>{
           {"train --model gru --data " + one_item, "2 items"},
           {"train --model gru --data " + none, "expected events"},
           {"analyze --data " + none, "expected events"},
           {"train --task purchase --model gru --epochs 1 --columns label=bought --data " +
                one_class,
            "expected sessions with a purchase and others"}}) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK(outcome.code == 1);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
  CHECK(run("analyze --data " + one_item).code == 0);
}
