// Items that a user had before, in every protocol; and splits that come as files.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/files_split.h>
#include <tapegrad/apps/data/temporal_split.h>
#include <tapegrad/apps/data/validation_split.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using program_tools::last_line;
using program_tools::Outcome;
using program_tools::shell_quoted;
using Items = std::vector<std::int32_t>;

Interactions read(const TestFiles& files, const std::string& rows) {
  return read_interactions(files.write("events.csv", "user,item,time\n" + rows));
}

bool has_note(const Split& split, const std::string& text) {
  return std::ranges::any_of(
      split.notes, [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

const std::string bought =
    "a,x,1\na,y,2\na,x,8\na,z,9\nb,x,1\nb,y,2\nb,y,9\nc,x,9\nd,y,1\nd,z,2\nd,x,3\n";

TEST_CASE("temporal drops or keeps repeated items, and says how many there are") {
  const TestFiles files;
  const Interactions events = read(files, bought);
  const Split dropped = temporal_split(events, {.time = 5.0});
  REQUIRE(dropped.cases.size() == 1);
  CHECK(dropped.cases[0].relevant == Items{2});
  CHECK(has_note(dropped,
                 "2 of 4 test pairs (50.0 %) are of items that the user had before: they "
                 "are dropped"));
  CHECK(has_note(dropped, "1 of 4 test pairs (25.0 %) are of users without training events"));
  CHECK(dropped.not_competing()->of(0).size() == 3);
  const Split kept = temporal_split(events, {.time = 5.0}, Repeats::keep);
  REQUIRE(kept.cases.size() == 2);
  CHECK(kept.cases[0].relevant == Items{0, 2});
  CHECK(kept.cases[1].relevant == Items{1});
  CHECK(kept.not_competing()->size() == 0);
  CHECK(kept.protocol == "temporal from 5");
  CHECK(temporal_cut_of("temporal from 5").time == 5.0);
  CHECK(temporal_cut_of("temporal 0.25").fraction == 0.25);
  for (const double time : {1320796800.0, 1320827160.0, 1320827160.25, 17.5}) {
    CHECK(temporal_cut_of(protocol_of({.time = time})).time == time);
  }
  CHECK(message_of([&] {
          temporal_split(events, {.time = 100.0});
        }).find("expected events to train on and events to test, got 11 and 0") !=
        std::string::npos);
}

TEST_CASE("loo keeps earlier events of the test item where repeated items count") {
  const TestFiles files;
  const Interactions events = read(files, "a,x,1\na,y,2\na,x,3\nb,x,1\nb,y,2\nb,z,3\n");
  const Split dropped = leave_one_out_split(events);
  CHECK(!dropped.pairs->contains(0, 0));
  CHECK(has_note(dropped, "1 events of test users with their test item are left out"));
  const Split kept = leave_one_out_split(events, Repeats::keep);
  CHECK(kept.pairs->contains(0, 0));
  CHECK(kept.cases[0].relevant == Items{0});
  CHECK(kept.test_events == 2);
}

TEST_CASE("equal times and events in both parts are told") {
  const TestFiles files;
  const Split equal =
      leave_one_out_split(read(files, "a,x,1\na,y,1\na,z,2\nb,x,1\nb,y,2\nb,z,3\n"));
  CHECK(has_note(equal, "2 of 6 events (33.3 %) have the time of another event of their user"));
  const Interactions training = read(files, "a,x,1\na,y,2\nb,x,1\nb,z,2\n");
  const Interactions test = read(files, "a,x,1\na,z,3\nb,y,3\n");
  const Split leaking = files_split(training, std::nullopt, test, Repeats::drop);
  CHECK(has_note(leaking, "1 test events are in the training, too (the same user, item and time)"));
}

TEST_CASE("given files are trained, chosen and tested on as they are") {
  const TestFiles files;
  const Interactions training = read(files, "a,x,1\na,y,2\nb,x,1\nb,z,2\n");
  const Interactions valid = read(files, "a,z,3\nb,y,3\n");
  const Interactions test = read(files, "b,w,4\na,w,4\ne,x,4\n");
  const Split split = files_split(training, valid, test, Repeats::drop);
  CHECK(split.protocol == "files");
  CHECK(split.training.size() == 6);
  CHECK(split.cases.size() == 2);
  CHECK(split.training.item_ids.name(split.cases[0].relevant[0]) == "w");
  const Split validation = validation_split(split);
  CHECK(validation.training.size() == 4);
  REQUIRE(validation.cases.size() == 2);
  CHECK(validation.training.item_ids.name(validation.cases[0].relevant[0]) == "z");
  const Interactions untimed = read_interactions(files.write("other.csv", "user,item\na,x\nb,y\n"));
  CHECK(message_of([&] { files_split(training, std::nullopt, untimed, Repeats::drop); }) ==
        "expected times for all events or for none");
}

TEST_CASE("the validation of a temporal split is the last part of its training") {
  const TestFiles files;
  std::string rows;
  for (int i = 0; i < 40; ++i)
    rows += std::string(1, static_cast<char>('a' + i % 5)) + ",i" + std::to_string(i % 13) + "," +
            std::to_string(i) + "\n";
  const Split split = temporal_split(read(files, rows), {.fraction = 0.25});
  const Split validation = validation_split(split);
  CHECK(validation.training.size() == 22);  // 30 less a quarter
  CHECK(std::ranges::max(validation.training.times) == 21.0);
}

TEST_CASE("the command tests from a time on and on given files, and evaluates as it trained") {
  const TestFiles files;
  std::string rows = "user,item,time\n";
  for (int i = 0; i < 60; ++i)
    rows += "u" + std::to_string(i % 6) + ",i" + std::to_string(i * 7 % 23 % 11) + ",2020-01-" +
            (i / 3 < 9 ? "0" : "") + std::to_string(1 + i / 3) + "\n";
  const std::string data = " --data " + shell_quoted(files.write("e.csv", rows));
  const std::string out = shell_quoted(files.path("m.tg"));
  const auto run = [](const std::string& arguments) {
    return program_tools::run_program(TAPEGRAD_RECOMMEND, arguments);
  };
  for (const std::string repeats : {"drop", "keep"}) {
    const Outcome trained =
        run("train --json --model popularity --protocol temporal --test-from "
            "2020-01-12 --repeat-items " +
            repeats + data + " --out " + out);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    CHECK(trained.text.find("are of items that the user had before") != std::string::npos);
    const nlohmann::json result = nlohmann::json::parse(last_line(trained.text));
    CHECK(result["protocol"] == "temporal from 2020-01-12");
    CHECK(result["repeat_items"] == repeats);
    const Outcome evaluated = run("evaluate --json --quiet --model-file " + out + data);
    REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
    const nlohmann::json again = nlohmann::json::parse(last_line(evaluated.text));
    CHECK(again["ndcg@10"] == result["ndcg@10"]);
    CHECK(again["repeat_items"] == repeats);
  }
  const std::string parts =
      " --train " + shell_quoted(files.write("a.csv", "user,item\na,x\na,y\nb,x\nb,z\nc,z\n")) +
      " --test " + shell_quoted(files.write("t.csv", "user,item\na,z\nb,y\n"));
  const Outcome given =
      run("train --json --model item-knn --neighbours 5 --shrinkage 0 --weighting "
          "cosine" +
          parts);
  REQUIRE_MESSAGE(given.code == 0, given.text);
  CHECK(nlohmann::json::parse(last_line(given.text))["protocol"] == "files");
  struct Case {
    std::string arguments, says;
  };
  const Case cases[] = {
      {"--test-from soon --protocol temporal" + data, "--test-from: expected seconds or an ISO"},
      {"--test-from 2020-01-12" + data, "--test-from has no effect with protocol loo"},
      {"--test-from 2020-01-12 --test-fraction 0.1 --protocol temporal" + data,
       "--test-fraction has no effect with --test-from"},
      {"--repeat-items maybe" + data, "repeat-items must be drop or keep"},
      {"--repeat-items keep --protocol none" + data, "--repeat-items has no effect with protocol"},
      {"--test-fraction 0.1" + data, "--test-fraction has no effect with protocol loo"},
      {"--train x.csv", "protocol files needs --test"},
      {"--train x.csv --test y.csv" + data, "--data has no effect with protocol files"},
      {"--test y.csv" + data, "--test has no effect with protocol loo"},
      {"", "protocol loo needs --data"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run("train --model popularity " + one.arguments);
    CHECK(outcome.code == 2);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
}

}  // namespace
}  // namespace tapegrad::apps
