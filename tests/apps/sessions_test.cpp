// Sessions: reading, what of a test can be asked, splits.
#include <doctest/doctest.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/training/fit_sequence.h>

#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

std::vector<std::string> names_of(const Sessions& sessions, Index session) {
  std::vector<std::string> names;
  for (const std::int32_t item : sessions.of(session)) names.push_back(sessions.items.name(item));
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
  CHECK(sessions.end_times[0] == 50.0);
}

TEST_CASE("histories without times keep the file's order, whatever lies between a user's lines") {
  const Sessions sessions = sessions_of("1 10\n2 11\n1 12\n1 10\n2 13\n", true);
  REQUIRE(sessions.count() == 2);
  CHECK(names_of(sessions, 0) == std::vector<std::string>{"10", "12", "10"});
  CHECK(names_of(sessions, 1) == std::vector<std::string>{"11", "13"});
  CHECK(sessions.end_times.empty());
}

TEST_CASE("of a test only known items are asked for, in sessions of two or more") {
  const Sessions training = sessions_of("session,item,time\n1,a,1\n1,b,2\n");
  const Sessions test =
      sessions_of("session,item,time\n2,b,1\n2,new,2\n2,a,3\n3,a,4\n4,new,5\n4,new,6\n");
  const KnownPart part = known_part(test, training.items);
  REQUIRE(part.sessions.count() == 1);
  CHECK(names_of(part.sessions, 0) == std::vector<std::string>{"b", "a"});
  CHECK(part.unseen_events == 3);
  CHECK(part.short_sessions == 2);
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
  const SequenceSplit split = history_split(histories, "loo", 1);
  REQUIRE(split.cases.size() == 1);
  CHECK(split.cases[0].history.size() == 3);
  CHECK(histories.items.name(split.cases[0].next) == "d");
  CHECK(split.cases[0].without_history);
  CHECK(names_of(split.training, 0) == std::vector<std::string>{"a", "b", "c"});
  CHECK(names_of(split.training, 1) == std::vector<std::string>{"a", "b"});
  CHECK(names_of(split.choosing, 0) == std::vector<std::string>{"a", "b"});
  REQUIRE(split.validation.size() == 1);
  CHECK(histories.items.name(split.validation[0].next) == "c");
  CHECK(message_of([&] { history_split(histories, "sasrec100", 1); }).find("there are 4 in all") !=
        std::string::npos);

  std::string events = "session,item,time\n";
  for (int s = 0; s < 20; ++s) {
    for (int k = 0; k < 3; ++k)
      events += std::to_string(s) + ",i" + std::to_string((s + k) % 5) + "," +
                std::to_string(10 * s + k) + "\n";
  }
  const Sessions training = sessions_of(events);
  const SequenceSplit sessions = session_split(training, &training);
  CHECK(sessions.cases.size() == 40);
  CHECK(sessions.validated.count() == 2);
  CHECK(sessions.choosing.count() == 18);
  CHECK(sessions.validated.owners.name(0) == "18");
  CHECK(sessions.validation.size() == 4);
}
