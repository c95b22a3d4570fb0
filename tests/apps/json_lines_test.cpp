#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/json_lines.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

using Row = std::vector<std::string_view>;

TEST_CASE("JSON lines are rows, whose columns are the members of the objects") {
  JsonLines source(
      "{\"user\": \"ann\", \"item\": 7, \"price\": 1.50, \"gift\": true, \"note\": null}\n"
      "\n"
      "  {\"item\": 12345678901234567890123, \"user\": \"bob\", \"place\": {\"city\": \"Bonn\", "
      "\"at\": {\"x\": -2}}}\r\n"
      "{\"tags\": [\"a\", 2, {\"deep\": [3]}, [4], false], \"user\": \"caf\\u00e9\", \"item\": "
      "\"\"}");
  CHECK(source.names() == std::vector<std::string>{"user", "item", "price", "gift", "note",
                                                   "place.city", "place.at.x", "tags"});
  Record row;
  REQUIRE(source.next(row) == ReadState::record);
  CHECK(row.line == 1);
  CHECK(row.fields == Row{"ann", "7", "1.50", "1", "", "", "", ""});
  REQUIRE(source.next(row) == ReadState::record);
  CHECK(row.line == 3);
  CHECK(row.fields == Row{"bob", "12345678901234567890123", "", "", "", "Bonn", "-2", ""});
  REQUIRE(source.next(row) == ReadState::record);
  CHECK(row.fields == Row{"caf\u00e9", "", "", "", "", "", "", "a|2|0"});
  CHECK(source.next(row) == ReadState::end);
  CHECK(source.next(row) == ReadState::end);
}

TEST_CASE("a line that is no JSON object is a fault, and the next ones are read") {
  struct Case {
    const char* line;
    const char* says;
  };
  const std::string deep(40, '[');
  const std::string nested = "{\"a\":" + deep + std::string(40, ']') + "}";
  const Case cases[] = {
      {"{\"a\": 1", "expected a JSON object, got what is none at its character"},
      {"{\"a\": 1} x", "got what is none at its character"},
      {"{'a': 1}", "got what is none at its character"},
      {"{\"a\": \"\xff\"}", "got what is none at its character"},
      {"[1]", "expected a JSON object, got an array"},
      {"7", "expected a JSON object, got a plain value"},
      {nested.c_str(), "expected a nesting of at most 32, got a deeper one"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.line);
    JsonLines source("{\"a\": 0}\n" + std::string(one.line) + "\n{\"a\": 2}\n");
    Record row;
    REQUIRE(source.next(row) == ReadState::record);
    REQUIRE(source.next(row) == ReadState::fault);
    CHECK(source.fault().line == 2);
    CHECK(source.fault().reason.find(one.says) != std::string::npos);
    REQUIRE(source.next(row) == ReadState::record);
    CHECK(row.fields == Row{"2"});
  }
}

TEST_CASE("an array of objects is no table, and is told") {
  const TestFiles files;
  const std::string path = files.write("array.json", " [\n {\"user\": 1, \"item\": 2}]\n");
  CHECK(message_of([&] { read_interactions(path, {}); }) ==
        path + ": expected a table or JSON Lines, an object a line, got a JSON array of objects");
  // A bracket alone may begin a field.
  CHECK(read_interactions(files.write("ids.csv", "[a],x\n[b],y\n"), {}).size() == 2);
}

TEST_CASE("events come from JSON lines as they do from a table, by the members' usual names") {
  const TestFiles files;
  const std::string path = files.write(
      "events.jsonl",
      "{\"time\": \"2020-01-01T00:00:10Z\", \"user_id\": 5, \"item\": {\"id\": \"x\"}}\n"
      "{\"time\": 1577836800, \"user_id\": 6, \"item\": {\"id\": \"y\"}}\n");
  ReadReport report;
  const Interactions events = read_interactions(path, {}, &report);
  CHECK(report.columns == "user \"user_id\", item \"item.id\", time \"time\"");
  CHECK(events.user_ids.name(0) == "5");
  CHECK(events.item_ids.name(1) == "y");
  CHECK(events.times == std::vector<double>{1577836810.0, 1577836800.0});
  CHECK(message_of([&] { read_interactions(path, {.source = {.delimiter = ','}}); }) ==
        path + ": --delimiter has no effect, since this is JSON Lines");
  CHECK(message_of([&] { read_interactions(path, {.header = true}); }) ==
        path + ": --header has no effect, since its columns have names");
  CHECK(message_of([&] {
          read_interactions(files.write("no.jsonl", "{\"a\": 1}\n{\"b\": 2}\n"), {});
        }) == files.path("no.jsonl") + ": expected a column for user, got \"a\", \"b\"");
}

}  // namespace
}  // namespace tapegrad::apps
