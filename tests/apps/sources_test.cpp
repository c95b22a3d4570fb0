#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <tapegrad/apps/data/interactions.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using program_tools::Outcome;
using program_tools::shell_quoted;

Interactions read_all(const std::vector<std::string>& paths, ReadReport* report = nullptr) {
  return read_interactions(paths, {}, report);
}

TEST_CASE("several files are one table, and one without a header takes the names of another") {
  const TestFiles files;
  const std::string named = files.write("a.csv", "when,item,user\n1,x,ann\n2,y,bob\n");
  const std::string bare = files.write("b.csv", "3,z,ann\n");
  const std::string again = files.write_gzip("c.csv.gz", "when,item,user\n4,x,cid\n");
  const std::string other = files.write("d.csv", "item;user\nx;ann\n");
  TableOptions options;
  options.columns = ColumnChoices("time=when");
  for (const std::vector<std::string>& order :
       {std::vector{named, bare, again}, std::vector{bare, named, again}}) {
    ReadReport report;
    const Interactions events = read_interactions(order, options, &report);
    CHECK(report.rows == 4);
    CHECK(report.columns == "user \"user\", item \"item\", time \"when\"");
    CHECK(events.user_ids.size() == 3);
    CHECK(events.user_ids.find("ann") >= 0);
    CHECK(events.item_ids.find("z") >= 0);
    CHECK(events.times.size() == 4);
  }
  // Files may have other delimiters and orders of columns, but not other roles.
  CHECK(read_all({other, files.write("e.csv", "user,item\nann,y\n")}).size() == 2);
  CHECK(message_of([&] {
          read_all({files.write("t.csv", "user,item,time\na,x,1\n"), other});
        }) == other + ": expected a column for time, as in " + files.path("t.csv") + ", got none");
  CHECK(message_of([&] {
          read_all({named, files.write("f.csv", "1,2\n")});
        }).find("f.csv: expected 3 columns, as the part of the table with the names has, got 2") !=
        std::string::npos);
  CHECK(message_of([&] {
          read_all({named, files.path("none.csv")});
        }).find("none.csv: cannot open the file") != std::string::npos);
  CHECK(message_of([&] {
          read_all({named, files.write("g.csv", "1,x\n2,y,ann\n3,y,bob\n")});
        }).find("g.csv:1:3: expected 3 fields, got 2") != std::string::npos);
}

std::string table_of(const char* line) {
  std::string text = line;
  for (int user = 0; user < 8; ++user) {
    for (int event = 0; event < 5; ++event)
      text += std::to_string(user) + "," + std::to_string((user + event) % 9) + "," +
              std::to_string(event) + "\n";
  }
  return text;
}

TEST_CASE("the commands read several files, standard input, JSON lines and a database") {
  const TestFiles files;
  const std::string csv = files.write("all.csv", table_of("user,item,time\n"));
  const std::string rest = " --model popularity --json --quiet | tail -n 1";
  const auto run = [&](const std::string& arguments, const std::string& before = "") {
    return program_tools::run_program(TAPEGRAD_RECOMMEND, arguments, before);
  };
  const std::string expected = run("train --data " + shell_quoted(csv) + rest).text;
  const auto without_seconds = [](const std::string& text) {
    return text.substr(0, text.find("\"seconds\""));
  };
  REQUIRE(expected.find("\"hr@10\"") != std::string::npos);
  const Outcome piped = run("train --data -" + rest, "cat " + shell_quoted(csv) + " | ");
  CHECK(without_seconds(piped.text) == without_seconds(expected));
  const std::string json = files.path("all.jsonl");
  REQUIRE(std::system(
              ("awk -F, 'NR > 1 { printf "
               "\"{\\\"time\\\":%s,\\\"user\\\":\\\"%s\\\",\\\"item\\\":%s}\\n\", $3, $1, $2 }' " +
               csv + " >" + json)
                  .c_str()) == 0);
  CHECK(without_seconds(run("train --data " + shell_quoted(json) + rest).text) ==
        without_seconds(expected));
  CHECK(run("train --model popularity --data - " + shell_quoted(csv))
            .text.find("--data: standard input is read alone") != std::string::npos);
  CHECK(run("train --model popularity --query 'SELECT 1' --data " + shell_quoted(csv))
            .text.find("--query has no effect without a database") != std::string::npos);
  CHECK(run("train --model popularity --data " + shell_quoted(csv) + " " + shell_quoted(csv))
            .text.find("all.csv is named twice, and its rows would count twice") !=
        std::string::npos);
  // A model is not written over the database that its events come from.
  const Outcome over =
      run("train --model popularity --query 'SELECT 1' --data sqlite:" + shell_quoted(csv) +
          " --out " + shell_quoted(csv));
  CHECK(over.code == 2);
  CHECK(over.text.find("is named twice, and would be written over") != std::string::npos);
  const Outcome unasked = run("train --model popularity --data sqlite:shop.db");
  CHECK(unasked.code == 2);
  CHECK(unasked.text.find("sqlite:shop.db: a database needs --query") != std::string::npos);
  const Outcome two = run("train --model popularity --data " + shell_quoted(csv) + " " +
                          shell_quoted(files.write("more.csv", "8,1,9\n9,1,9\n")));
  CHECK(two.code == 0);
  CHECK(two.text.find("all.csv and 1 more: read 42 rows") != std::string::npos);
}

}  // namespace
}  // namespace tapegrad::apps
