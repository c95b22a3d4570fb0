// Quotes in tables: what is quoted, what is text, what is an error; and that no row is swallowed.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/table.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

// The records in their order, {"fault"} for a malformed one.
Rows read_all(std::string_view text, char delimiter, Index columns) {
  RecordReader reader(text, delimiter, columns);
  Record record;
  Rows rows;
  for (ReadState state; (state = reader.next(record)) != ReadState::end;)
    rows.push_back(state == ReadState::fault ? Row{"fault"}
                                             : Row(record.fields.begin(), record.fields.end()));
  return rows;
}

struct Case {
  const char* what;
  std::string text;  // with '|' in the place of the delimiter
  Index columns;
  Rows rare;    // read with a tab, a '|' and a space
  Rows common;  // read with a comma and a semicolon
};

const Case cases[] = {
    {"a field within quotes", "1|\"a\"|2\n", 3, {{"1", "a", "2"}}, {{"1", "a", "2"}}},
    {"a delimiter within quotes", "1|\"a|b\"|2\n", 3, {{"1", "a|b", "2"}}, {{"1", "a|b", "2"}}},
    {"doubled quotes", "1|\"a\"\"b\"|2\n", 3, {{"1", "a\"b", "2"}}, {{"1", "a\"b", "2"}}},
    {"nothing within quotes", "\"\"|\"\"|\"\"\n", 3, {{"", "", ""}}, {{"", "", ""}}},
    {"a quote within a field",
     "1|5\" disc|2\n",
     3,
     {{"1", "5\" disc", "2"}},
     {{"1", "5\" disc", "2"}}},
    {"a quote that ends a field",
     "1|station\"|2\n",
     3,
     {{"1", "station\"", "2"}},
     {{"1", "station\"", "2"}}},
    {"a quoted word at the front",
     "1|\"a\"b|2\n3|c|4\n",
     3,
     {{"1", "\"a\"b", "2"}, {"3", "c", "4"}},
     {{"fault"}, {"3", "c", "4"}}},
    {"a quote that is never closed",
     "1|\"a|2\n3|c|4\n",
     3,
     {{"1", "\"a", "2"}, {"3", "c", "4"}},
     {{"fault"}, {"3", "c", "4"}}},
    {"a quote alone, twice",
     "1|\"|2\n3|c|4\n5|\"|6\n7|d|8\n",
     3,
     {{"1", "\"", "2"}, {"3", "c", "4"}, {"5", "\"", "6"}, {"7", "d", "8"}},
     {{"fault"}, {"3", "c", "4"}, {"fault"}, {"7", "d", "8"}}},
    {"opened in one row and closed in another",
     "1|\"a|2\n3|c|4\n5|d\"|6\n",
     3,
     {{"1", "\"a", "2"}, {"3", "c", "4"}, {"5", "d\"", "6"}},
     {{"fault"}, {"3", "c", "4"}, {"5", "d\"", "6"}}},
    {"opened in the last field",
     "1|2|\"a\n3|4|c\n5|6|d\"\n",
     3,
     {{"1", "2", "\"a"}, {"3", "4", "c"}, {"5", "6", "d\""}},
     {{"fault"}, {"3", "4", "c"}, {"5", "6", "d\""}}},
    {"opened in the first field",
     "\"a|2|3\nb|4|5\n\"|6|7\n",
     3,
     {{"\"a", "2", "3"}, {"b", "4", "5"}, {"\"", "6", "7"}},
     {{"fault"}, {"b", "4", "5"}, {"fault"}}},
    {"a line's end within quotes",
     "1|\"a\nb\"|2\n3|c|4\n",
     3,
     {{"1", "a\nb", "2"}, {"3", "c", "4"}},
     {{"1", "a\nb", "2"}, {"3", "c", "4"}}},
    {"CRLF within quotes",
     "1|\"a\r\nb\"|2\r\n3|c|4\r\n",
     3,
     {{"1", "a\r\nb", "2"}, {"3", "c", "4"}},
     {{"1", "a\r\nb", "2"}, {"3", "c", "4"}}},
    {"two quotes that are the text of two fields",
     "\"|\"|3\n",
     3,
     {{"\"", "\"", "3"}},
     {{"|", "3"}}},
    {"an odd number of quotes",
     "1|\"\"\"|2\n3|c|4\n",
     3,
     {{"1", "\"\"\"", "2"}, {"3", "c", "4"}},
     {{"fault"}, {"3", "c", "4"}}},
    {"blank lines",
     "\n1|a|2\n \n\r\n3|b|4\n\n",
     3,
     {{"1", "a", "2"}, {"3", "b", "4"}},
     {{"1", "a", "2"}, {"3", "b", "4"}}},
    {"no end of the last line", "1|a|\"2\"", 3, {{"1", "a", "2"}}, {{"1", "a", "2"}}},
    {"CR alone",
     "1|a|2\r3|b|4\r",
     3,
     {{"1", "a", "2"}, {"3", "b", "4"}},
     {{"1", "a", "2"}, {"3", "b", "4"}}},
};

std::string with_delimiter(std::string text, char delimiter) {
  std::ranges::replace(text, '|', delimiter);
  return text;
}

TEST_CASE(
    "a field is quoted, text or a fault as its quotes and its delimiter say, and no row is "
    "swallowed") {
  for (const Case& one : cases) {
    for (const char delimiter : {'\t', '|', ' ', ',', ';'}) {
      // A blank in the text would be another field there.
      if (delimiter == ' ' && (one.text.find(' ') != std::string::npos)) continue;
      CAPTURE(one.what);
      CAPTURE(delimiter);
      const bool rare = delimiter == '\t' || delimiter == '|' || delimiter == ' ';
      Rows expected = rare ? one.rare : one.common;
      for (Row& row : expected) {
        for (std::string& field : row) field = with_delimiter(field, delimiter);
      }
      CHECK(read_all(with_delimiter(one.text, delimiter), delimiter, one.columns) == expected);
    }
  }
}

TEST_CASE("in tables where quotes are rare every line of a random text is a record of its own") {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const char delimiter = "\t| "[random() % 3];
    const auto columns = static_cast<Index>(2 + random() % 3);
    std::string text;
    const std::size_t lines = 2 + random() % 12;
    for (std::size_t line = 0; line < lines; ++line) {
      for (Index column = 0; column < columns; ++column) {
        if (column > 0) text += delimiter;
        const bool quoted_whole = random() % 8 == 0;
        std::string field(quoted_whole ? 0U : 1 + random() % 3, 'x');
        for (char& character : field) character = "ab\"\""[random() % 4];
        text += quoted_whole ? "\"a\"" : field;
      }
      text += line % 2 == 0 ? "\n" : "\r\n";
    }
    const Rows rows = read_all(text, delimiter, columns);
    CAPTURE(text);
    CHECK(rows.size() == lines);
    for (const Row& row : rows) CHECK(static_cast<Index>(row.size()) == columns);
  }
}

TEST_CASE(
    "of a random table with commas every whole row is read, swallowed by no stray quote before "
    "it") {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const char delimiter = ",;"[random() % 2];
    std::string text;
    std::size_t whole = 0;
    for (std::size_t line = 0; line < 12; ++line) {
      // One stray quote in some rows, at any place; the other rows have none and say their number.
      std::string row = "u" + std::to_string(line) + delimiter + "i" + delimiter + "5";
      const bool stray = random() % 4 == 0;
      if (stray)
        row.insert(random() % row.size(), "\"");
      else
        ++whole;
      text += row + "\n";
    }
    std::size_t read = 0;
    for (const Row& row : read_all(text, delimiter, 3)) {
      if (row.size() == 3 && row[0].find_first_of("\"\n") == std::string::npos && row[1] == "i" &&
          row[2] == "5")
        ++read;
    }
    CAPTURE(text);
    CHECK(read >= whole);
  }
}

// The events and items that a table is read as.
std::string counted(const std::string& text) {
  const TestFiles files;
  const Interactions events = read_interactions(files.write("t", text), {.skip_bad_lines = true});
  return std::to_string(events.size()) + " events, " + std::to_string(events.item_ids.size()) +
         " items";
}

TEST_CASE("whole tables with stray quotes keep their rows") {
  CHECK(counted("user\titem\ttime\ns1\ta\t1\ns1\t\"\t2\ns1\tb\t3\ns1\t\"\t4\ns1\tc\t5\ns2\ta\t6\ns2"
                "\tb\t7\n") == "7 events, 4 items");
  CHECK(counted("user\titem\ttitle\ttime\na\ti1\t\"Heroes\t1\na\ti2\tLow\t2\na\ti3\tLodger\t3\nb\ti"
                "1\tx\t1\nb\ti4\tThe \"Best\"\t2\n"
                "b\ti2\tstation\"\t3\nc\ti1\ty\t4\nc\ti2\t\"z\t5\nc\ti4\tz\"\t6\n") ==
        "9 events, 4 items");
  // A short row opens a quote that a later row closes: the rows between are read.
  CHECK(counted("u,i,5\n1,\"bad\n2,x,5\n3,y\",4\n4,z,1\n") == "4 events, 4 items");
  // A quoted title over two lines is none of the events' business.
  CHECK(counted("user,item,title\n1,a,\"one\ntwo\"\n2,b,\"three\"\n") == "2 events, 2 items");
}

}  // namespace
}  // namespace tapegrad::apps
