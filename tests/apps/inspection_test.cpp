// What inspect finds in a table of events.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/inspection/inspection.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using program_tools::shell_quoted;

TEST_CASE("inspect counts pairs, repeats, duplicates and items without features") {
  const TestFiles files;
  const Interactions events = read_interactions(
      files.write("e.csv",
                  "user,item,time\na,x,2020-01-01\na,x,2020-01-01\na,x,2020-01-02\nb,y,2020-01-05\n"
                  "b,z,2020-01-06\n"));
  const FeatureTable table = read_feature_table(
      files.write("i.csv", "item,colour\nx,red\ny,blue\nw,red\n"), Entity::item, {}, {});
  const Inspection found = inspect(events, &table);
  CHECK(found.events == 5);
  CHECK(found.pairs == 3);
  CHECK(found.density == doctest::Approx(0.5));
  CHECK(found.repeats == 2);
  CHECK(found.duplicates == 1);
  CHECK(found.single_items == 2);
  CHECK(found.user_quantiles.front() == 2.0);
  CHECK(found.user_quantiles.back() == 3.0);
  CHECK(found.longest_gap == 3.0 * 86400.0);
  CHECK(found.gap_begin == 1577923200.0);
  CHECK(found.items_without_features == 1);
  CHECK(found.items_without_events == 1);
  // The last of five events is of a new item.
  CHECK(found.new_items == doctest::Approx(1.0));
  CHECK(found.new_users == 0.0);
  CHECK(found.drift == doctest::Approx(1.0));
  CHECK(to_json(found)["item_table"]["items_without_events"] == 1);
  CHECK(to_svg(found, events).ends_with("</svg>\n"));
  const Interactions untimed = read_interactions(files.write("u.csv", "user,item\na,x\nb,x\n"));
  CHECK(to_text(inspect(untimed, nullptr)).find("without times") != std::string::npos);
  CHECK_THROWS_AS(inspect(Interactions(), nullptr), DataError);
}

TEST_CASE("a machine is told from somebody who buys a large basket") {
  const TestFiles files;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 300; ++i) {
    text += "basket,i" + std::to_string(i) + ",1000\n";
    text += "robot,i" + std::to_string(i) + "," + std::to_string(5000 + i) + "\n";
    text += "person,i" + std::to_string(i) + "," + std::to_string(3600 * i) + "\n";
  }
  for (int i = 0; i < 1500; ++i) text += "crawler,i1," + std::to_string(50 * i) + "\n";
  const Inspection found = inspect(read_interactions(files.write("e.csv", text)), nullptr);
  CHECK(found.machines == 2);
  CHECK(found.machine_names == std::vector<std::string>{"crawler", "robot"});
}

TEST_CASE("inspect answers as text, JSON and a picture, and refuses what it cannot read") {
  const TestFiles files;
  const std::string data =
      " --data " + shell_quoted(files.write("e.csv", "user,item,time\na,x,1\nb,y,2\nb,x,3\n"));
  const auto run = [](const std::string& arguments) {
    return program_tools::run_program(TAPEGRAD_RECOMMEND, "inspect --quiet" + arguments);
  };
  const auto text = run(data + " --svg " + shell_quoted(files.path("p.svg")));
  CHECK_MESSAGE(text.code == 0, text.text);
  CHECK(text.text.find("3 events of 2 users with 2 items") != std::string::npos);
  CHECK(program_tools::read(files.path("p.svg")).starts_with("<svg"));
  CHECK(nlohmann::json::parse(run(data + " --json").text)["pairs"] == 3);
  CHECK(run("").code == 2);
  CHECK(run(data + " --features a=1").text.find("--features has no effect without --items") !=
        std::string::npos);
  CHECK(run(data + " --svg " + shell_quoted(files.path("e.csv"))).code == 2);
  CHECK(run(" --data /nowhere.csv").code == 1);
}

}  // namespace
}  // namespace tapegrad::apps
