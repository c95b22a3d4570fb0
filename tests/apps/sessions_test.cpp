// Sessions: reading, what of a test can be asked, splits.
#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/data/session_lines.h>
#include <tapegrad/graph/random.h>

#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

std::vector<std::string> names_of(const Sessions& sessions, Index session) {
  std::vector<std::string> names;
  for (const std::int32_t item : sessions.of(session).items)
    names.push_back(sessions.items.name(item));
  return names;
}

Sessions sessions_of(const std::string& text, bool histories = false) {
  const TestFiles folder;
  return read_sessions(folder.write("events.tsv", text), {}, histories, nullptr);
}

}  // namespace

TEST_CASE("events come into the order of their times, sessions into that of their beginnings") {
  const Sessions sessions = sessions_of(
      "SessionId\tItemId\tTime\n9\tc\t30\n7\ta\t50\n9\ta\t10."
      "5\n8\tb\t20\n9\tb\t30\n7\tb\t5\n9\tc\t2020-01-01T00:00:00\n");
  REQUIRE(sessions.count() == 3);
  CHECK(sessions.owners.name(0) == "7");
  CHECK(names_of(sessions, 0) == std::vector<std::string>{"b", "a"});
  CHECK(names_of(sessions, 1) == std::vector<std::string>{"a", "c", "b", "c"});
  CHECK(names_of(sessions, 2) == std::vector<std::string>{"b"});
  CHECK(sessions.of(0).times.back() == 50.0);
}

TEST_CASE("histories without times keep the file's order, whatever lies between a user's lines") {
  const Sessions sessions = sessions_of("1 10\n2 11\n1 12\n1 10\n2 13\n", true);
  REQUIRE(sessions.count() == 2);
  CHECK(names_of(sessions, 0) == std::vector<std::string>{"10", "12", "10"});
  CHECK(names_of(sessions, 1) == std::vector<std::string>{"11", "13"});
  CHECK(sessions.times.empty());
}

TEST_CASE("a test asks for all of its items, and what is not known counts as missed") {
  const Sessions training = sessions_of("session,item,time\n1,a,1\n1,b,2\n1,c,3\n");
  const Sessions test =
      sessions_of("session,item,time\n2,b,1\n2,new,2\n2,a,3\n3,a,4\n4,new,5\n4,c,6\n");
  const std::vector<std::int32_t> unlearnt{2};  // c
  const KnownTest known = known_test(test, training, unlearnt, false);
  REQUIRE(known.sessions.count() == 3);
  CHECK(names_of(known.sessions, 0) == std::vector<std::string>{"b", "a"});
  CHECK(known.sessions.of(0).times[1] == 3.0);
  CHECK(known.unseen_events == 3);
  CHECK(known.unseen_targets == 2);
  CHECK(known.empty_prefixes == 1);
  CHECK(known.short_sessions == 1);
  const SequenceSplit split = session_split(training, &known);
  REQUIRE(split.cases.size() == 3);
  CHECK(split.cases[0].unseen == 1);
  CHECK(split.cases[0].relevant.empty());
  CHECK(split.cases[1].history.size() == 1);  // without the new item
  CHECK(training.items.name(split.cases[1].relevant[0]) == "a");
  CHECK(split.cases[2].history.empty());
  CHECK(split.cases[2].session == 2);
  // Only the last events.
  const KnownTest last = known_test(test, training, {}, true);
  REQUIRE(last.questions.size() == 3);
  CHECK(last.empty_prefixes == 2);  // of the session with one event, and after the new item alone
  CHECK(last.short_sessions == 0);
}

TEST_CASE("events are cut into sessions where nothing happened for long") {
  const Sessions users =
      sessions_of("user,item,time\nu,a,0\nu,b,60\nv,a,70\nu,c,161\nv,b,170\n", true);
  const Sessions sessions = sessions_by_silence(users, 100.0);
  REQUIRE(sessions.count() == 3);
  CHECK(sessions.owners.name(0) == "u/1");
  CHECK(names_of(sessions, 0) == std::vector<std::string>{"a", "b"});
  CHECK(sessions.owners.name(1) == "v/1");
  CHECK(names_of(sessions, 1) == std::vector<std::string>{"a", "b"});  // exactly 100 s apart
  CHECK(names_of(sessions, 2) == std::vector<std::string>{"c"});
  CHECK(sessions.of(2).times[0] == 161.0);
  CHECK(message_of([&] {
          sessions_by_silence(sessions_of("1 a\n1 b\n", true), 1.0);
        }).find("these have none") != std::string::npos);
}

TEST_CASE("sessions and questions are lines of ids") {
  const TestFiles folder;
  const auto lines = [&](const std::string& text) {
    const std::string path = folder.write("lines.txt", text);
    return read_session_lines(std::span(&path, 1));
  };
  const SessionLines read = lines("a b  a\r\n\n b,\"c d\"\n");
  REQUIRE(read.sessions.count() == 2);
  CHECK(!read.are_pairs);
  CHECK(read.empty_lines == 1);
  CHECK(names_of(read.sessions, 0) == std::vector<std::string>{"a", "b", "a"});
  CHECK(names_of(read.sessions, 1) == std::vector<std::string>{"b", "c d"});
  CHECK(read.sessions.owners.name(1) == "3");
  CHECK(lines("a b\n \v,,\n").empty_lines == 1);
  const SessionLines pairs = lines("a b\tc\n\tb");
  CHECK(pairs.are_pairs);
  CHECK(names_of(pairs.sessions, 0) == std::vector<std::string>{"a", "b", "c"});
  CHECK(names_of(pairs.sessions, 1) == std::vector<std::string>{"b"});
  const auto message = [&](const std::string& text) { return message_of([&] { lines(text); }); };
  CHECK(message("a\tb\na b\n").find("lines.txt:2: expected a prefix, a tab") != std::string::npos);
  CHECK(message("a b\na\tb\n").find("lines.txt:2: expected ids with blanks") != std::string::npos);
  CHECK(message("a\tb c\n").find("expected one id after the tab, got 2") != std::string::npos);
  CHECK(message("a\t\n").find("expected one id after the tab, got 0") != std::string::npos);
  CHECK(message("\n \n").find("expected sessions, got no line with an id") != std::string::npos);
  CHECK(message("\"a\n").find("lines.txt:1: expected a closing quote") != std::string::npos);
}

TEST_CASE("bad events are named with file, line and field") {
  const TestFiles folder;
  const auto message = [&](const std::string& text, const TableOptions& options = {}) {
    return message_of([&] { read_sessions(folder.write("e.csv", text), options, false, nullptr); });
  };
  const std::string head = "session_id,item_id,time\n";
  CHECK(message(head).find("expected events, got a table without rows") != std::string::npos);
  CHECK(
      message(head + "1,a,5\n1,,6\n").find("e.csv:3:2: expected an item id, got an empty field") !=
      std::string::npos);
  CHECK(message(head + ",a,5\n").find("expected events, got 1 rows that are nobody's") !=
        std::string::npos);
  CHECK(message(head + "1,a,soon\n")
            .find("e.csv:2:3: expected seconds or an ISO 8601 time for time, got \"soon\"") !=
        std::string::npos);
  CHECK(message(head + "1,a,soon\n", {.skip_bad_lines = true}).find("1 malformed lines only") !=
        std::string::npos);
  CHECK(message_of([&] { require_trainable(sessions_of(head + "1,a,1\n2,b,2\n"), "x"); }) ==
        "x: expected a session of 2 events or more, got 2 with one each");
  CHECK(message_of([&] { require_trainable(sessions_of(head + "1,a,1\n1,a,2\n"), "x"); }) ==
        "x: expected at least 2 items to train on, got 1");
}

TEST_CASE("splits keep what is judged apart from what is learned") {
  const Sessions histories = sessions_of("1 a\n1 b\n1 c\n1 d\n2 a\n2 b\n", true);
  const SequenceSplit split = history_split(histories, {});
  REQUIRE(split.cases.size() == 1);
  CHECK(split.cases[0].history.size() == 3);
  CHECK(histories.items.name(split.cases[0].relevant[0]) == "d");
  CHECK(split.cases[0].without_history);
  CHECK(names_of(split.training, 0) == std::vector<std::string>{"a", "b", "c"});
  CHECK(names_of(split.training, 1) == std::vector<std::string>{"a", "b"});
  CHECK(names_of(split.choosing, 0) == std::vector<std::string>{"a", "b"});
  REQUIRE(split.validation.size() == 1);
  CHECK(histories.items.name(split.validation[0].relevant[0]) == "c");
  CHECK(message_of([&] {
          history_split(histories, {.protocol = "sasrec100"});
        }).find("there are 4 in all") != std::string::npos);
  CHECK(message_of([&] {
          history_split(histories, {.protocol = "temporal"});
        }).find("needs the times of events") != std::string::npos);
  CHECK(message_of([&] {
          history_split(histories, {.target = SequenceTarget::basket});
        }).find("needs the times of events") != std::string::npos);

  std::string events = "session,item,time\n";
  for (int s = 0; s < 20; ++s) {
    for (int k = 0; k < 3; ++k)
      events += std::to_string(s) + ",i" + std::to_string((s + k) % 5) + "," +
                std::to_string(10 * s + k) + "\n";
  }
  const Sessions training = sessions_of(events);
  const KnownTest known = known_test(training, training, {}, false);
  const SequenceSplit sessions = session_split(training, &known);
  CHECK(sessions.cases.size() == 40);
  CHECK(sessions.validated.count() == 2);
  CHECK(sessions.choosing.count() == 18);
  CHECK(sessions.validated.owners.name(0) == "18");
  CHECK(sessions.validation.size() == 4);
  const SequenceSplit cut = session_split_in_time(training, {.time = 150.0});
  CHECK(cut.training.count() == 15);
  CHECK(cut.judged.count() == 5);
  CHECK(cut.cases.size() == 10);
}

TEST_CASE("a cut in time asks step by step, and nothing is learnt from the future") {
  // For random histories, everything is worked out again from the events.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    std::string text = "user,item,time\n";
    for (int i = 0; i < 60; ++i)
      text += fmt::format("u{},i{},{}\n", random.below(6), random.below(9), random.below(40));
    const Sessions histories = sessions_of(text, true);
    const double start = 25.0;
    const SequenceSplit split =
        history_split(histories, {.protocol = "temporal", .cut = {.time = start}});
    for (const double time : split.training.times) CHECK(time < start);
    for (const double time : split.choosing.times) CHECK(time < start);
    std::size_t expected = 0;
    for (Index s = 0; s < histories.count(); ++s) {
      const History own = histories.of(s);
      for (std::size_t i = 1; i < own.size(); ++i) {
        const auto before = own.items.first(i);
        expected += own.times[i] >= start && std::ranges::find(before, own.items[i]) == before.end()
                        ? 1
                        : 0;
      }
    }
    CHECK(split.cases.size() == expected);
    for (const NextItemCase& one : split.cases) {
      CHECK(!one.history.empty());
      CHECK(std::ranges::find(one.history.items, one.relevant[0]) == one.history.items.end());
    }
    const SequenceSplit kept = history_split(
        histories, {.protocol = "temporal", .cut = {.time = start}, .repeats = Repeats::keep});
    CHECK(kept.cases.size() >= expected);
  }
}

TEST_CASE("a basket is what a user has at one time") {
  const Sessions histories =
      sessions_of("user,item,time\nu,a,1\nu,b,1\nu,c,2\nu,a,3\nu,d,3\nu,d,3\nv,a,1\nv,b,2\n", true);
  const SequenceSplit split =
      history_split(histories, {.target = SequenceTarget::basket, .repeats = Repeats::keep});
  REQUIRE(split.cases.size() == 1);
  CHECK(split.cases[0].history.size() == 3);
  std::vector<std::string> asked;
  for (const std::int32_t item : split.cases[0].relevant)
    asked.push_back(histories.items.name(item));
  CHECK(asked == std::vector<std::string>{"a", "d"});
  CHECK(!split.cases[0].without_history);
  const SequenceSplit fresh = history_split(histories, {.target = SequenceTarget::basket});
  REQUIRE(fresh.cases.size() == 1);
  CHECK(fresh.cases[0].relevant.size() == 1);
  CHECK(histories.items.name(fresh.cases[0].relevant[0]) == "d");
}
