#include "test_files.h"

#include <doctest/doctest.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/user_items.h>
#include <random>
#include <set>

namespace tapegrad::apps {
namespace {

std::string error_of(const TestFiles& files, std::string_view text,
                     const TableOptions& options = {}) {
  const std::string path = files.write("ratings.csv", text);
  const std::string message = message_of([&] { read_interactions(path, options); });
  return message.starts_with(path) ? message.substr(files.directory().size() + 1) : message;
}

TEST_CASE("a header names the columns in any order and spelling") {
  const TestFiles files;
  const std::string text =
      "Time,movieId,note,User ID,Rating\n10,m1,x,alice,4.5\n20.5,m2,,bob,3\n30,m1,y,bob,1\n";
  const Interactions read = read_interactions(files.write("ratings.csv", text));
  CHECK(read.size() == 3);
  CHECK(read.user_ids.name(0) == "alice");
  CHECK(read.item_ids.name(1) == "m2");
  CHECK(read.users == std::vector<std::int32_t>{0, 1, 1});
  CHECK(read.items == std::vector<std::int32_t>{0, 1, 0});
  CHECK(read.ratings == std::vector<float>{4.5F, 3.0F, 1.0F});
  CHECK(read.times == std::vector<double>{10.0, 20.5, 30.0});
}

TEST_CASE(
    "without a header columns 1 to 4 are user, item, rating and time, the last two optional") {
  const TestFiles files;
  const Interactions four =
      read_interactions(files.write("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"));
  CHECK(four.size() == 2);
  CHECK(four.times[1] == 891717742.0);
  const Interactions two = read_interactions(files.write("pairs", "1 10\n1 11\n"));
  CHECK(two.ratings.empty());
  CHECK(two.times.empty());
  CHECK(two.size() == 2);
  const Interactions words = read_interactions(files.write("words", "alice,bread\nbob,milk\n"));
  CHECK(words.size() == 2);
}

TEST_CASE("columns are chosen by name, by number or left out") {
  const TestFiles files;
  const std::string path =
      files.write("shop.csv", "order,who,what,when\n1,u1,a,2020-01-01\n2,u2,b,2020-01-02\n");
  TableOptions options;
  options.columns = ColumnChoices("user=who,item=3");
  Interactions read = read_interactions(path, options);
  CHECK(read.user_ids.find("u2") == 1);
  CHECK(read.item_ids.find("b") == 1);
  CHECK(read.times.empty());
  options.columns = ColumnChoices("user=who,item=3,time=when");
  CHECK(read_interactions(path, options).times[0] == 1577836800.0);

  const std::string bare = files.write("bare.csv", "u1,a,100\nu2,b,200\n");
  TableOptions timed;
  timed.columns = ColumnChoices("time=3");
  read = read_interactions(bare, timed);
  CHECK(read.ratings.empty());
  CHECK(read.times == std::vector<double>{100.0, 200.0});
  TableOptions untimed;
  untimed.columns = ColumnChoices("rating=none");
  CHECK(read_interactions(bare, untimed).ratings.empty());
}

TEST_CASE("a column that is not there, or is there for two, is named in the error") {
  const TestFiles files;
  TableOptions options;
  options.columns = ColumnChoices("user=who");
  CHECK(error_of(files, "user,item\na,b\n", options) ==
        "ratings.csv: expected a column \"who\" for user, got \"user\", \"item\"");
  options.columns = ColumnChoices("user=9");
  CHECK(error_of(files, "1,2\n3,4\n", options) ==
        "ratings.csv: expected a column \"9\" for user, got 2 columns without names");
  options.columns = ColumnChoices("user=2,item=2");
  CHECK(error_of(files, "1,2\n3,4\n", options) ==
        "ratings.csv: expected different columns for user and item, got column 2 for both");
  CHECK(error_of(files, "kunde,ware\n1,2\n") ==
        "ratings.csv: expected a column for user, got \"kunde\", \"ware\"");
  const TableOptions of_command{.names_options = true, .names_shape_options = true};
  CHECK(error_of(files, "kunde,ware\n1,2\n", of_command) ==
        "ratings.csv: expected a column for user, got \"kunde\", \"ware\"; --columns user=NAME "
        "or its number chooses one");
  CHECK(error_of(files, "1:2\n3:4\n", of_command) ==
        "ratings.csv: expected a column for item, got 1 column without names; --columns "
        "item=NAME or its number chooses one; --delimiter says what lies between fields");
  CHECK(error_of(files, "user,item,User\na,b,c\n", of_command) ==
        "ratings.csv: expected one column \"user\" for user, got columns 1 and 3; --columns "
        "user=NUMBER chooses one");
}

TEST_CASE("a malformed line is an error with file, line and column") {
  const TestFiles files;
  const TableOptions rated{.min_rating = 1.0};
  CHECK(error_of(files, "u,i,5\nu,j,abc\n", rated) ==
        "ratings.csv:2:3: expected a number for rating, got \"abc\"");
  CHECK(error_of(files, "u,i,5\n\nu,j,nan\n", rated) ==
        "ratings.csv:3:3: expected a number for rating, got \"nan\"");
  CHECK(error_of(files, "u,i,5\nu,j,1e60\n", rated) ==
        "ratings.csv:2:3: expected a number for rating, got \"1e60\"");
  CHECK(error_of(files, "u,i\nu,j\n", rated) ==
        "ratings.csv: expected a column for rating, got 2 columns without names");
  CHECK(error_of(files, "u,i,5\n\n\"v\nw\",j,1\n") ==
        "ratings.csv:3:1: expected a user id within a line, got \"v\\u000aw\"");
  CHECK(error_of(files, "u,i,5,1\nu,j,4,soon\n") ==
        "ratings.csv:2:4: expected seconds or an ISO 8601 time for time, got \"soon\"");
  CHECK(error_of(files, "u,i,5\nu,j\nv,i,1\n") == "ratings.csv:2:3: expected 3 fields, got 2");
  CHECK(error_of(files, "u,i,5\nu,j,4,9\nv,i,1\n") == "ratings.csv:2:4: expected 3 fields, got 4");
  // A row without a user is well-formed, and an event of nobody.
  CHECK(error_of(files, "u,i,5\n,j,4\n").empty());
  CHECK(error_of(files, ",i,5\n,j,4\n") ==
        "ratings.csv: expected events, got 2 rows that are nobody's");
  CHECK(error_of(files, "u,i,5\nu, ,4\n") ==
        "ratings.csv:2:2: expected an item id, got an empty field");
  CHECK(error_of(files, "u,i,5\nu,\"j,4\n") ==
        "ratings.csv:2:2: expected a closing quote, got the end of the file");
}

TEST_CASE("ratings that nothing asks for stop nothing, whatever stands there") {
  const TestFiles files;
  for (const char* rating : {"", " ", "abc", "nan", "1e60", "3,5", "-1", "0"}) {
    CAPTURE(rating);
    const std::string row = "u\tj\t" + std::string(rating) + "\n";
    CHECK(read_interactions(files.write("r.tsv", "user\titem\trating\nu\ti\t5\n" + row)).size() ==
          2);
  }
}

TEST_CASE("ids lose the blanks around them, and nothing else") {
  const TestFiles files;
  const Interactions events =
      read_interactions(files.write("r.csv", "a, 1, 4, 1\na,1 ,4,2\n a,\t1, 5, 3\nb,x y,3,1\n"));
  CHECK(events.user_ids.size() == 2);
  CHECK(events.item_ids.size() == 2);
  CHECK(events.item_ids.find("x y") == 1);
}

TEST_CASE("a first line that may be a header or none is told, one that is clear is not") {
  const TestFiles files;
  struct Case {
    const char* text;
    const char* says;
  };
  const Case cases[] = {
      {"user,item\na,x\nb,x\na,y\n", ""},
      {"a,x\nb,x\na,y\n", ""},
      {"1,2\n3,4\n5,6\n", ""},
      {"kunde,ware\na,x\nb,x\na,y\n", "taken for a row, though its words come nowhere else"},
      {"user,item,1999\na,x,1\nb,x,2\n", ""},
      {"user_id,item_id\n1,2\n3,4\n", ""}};
  for (const Case& one : cases) {
    CAPTURE(one.text);
    ReadReport report;
    read_interactions(files.write("r.csv", one.text),
                      {.names_options = true, .names_shape_options = true}, &report);
    const std::string says = one.says;
    CHECK(report.first_line.empty() == says.empty());
    CHECK(report.first_line.find(says) != std::string::npos);
  }
  ReadReport report;
  TableOptions chosen;
  chosen.columns = ColumnChoices("user=1,item=2");
  chosen.names_options = chosen.names_shape_options = true;
  read_interactions(files.write("r.csv", "kunde,ware\n1,2\n3,4\n"), chosen, &report);
  CHECK(report.first_line.find("taken for column names") != std::string::npos);
  chosen.header = false;
  CHECK(read_interactions(files.path("r.csv"), chosen, &report).size() == 3);
  CHECK(report.first_line.empty());
}

TEST_CASE("bad lines can be skipped: they are counted and the first reason is kept") {
  const TestFiles files;
  TableOptions options;
  options.skip_bad_lines = true;
  options.min_rating = 1.0;
  ReadReport report;
  const std::string path =
      files.write("r.csv", "user,item,rating\na,x,1\nb,y,?\nc\n,x,2\nd,\"open,3\ne,x,4\n");
  const Interactions read = read_interactions(path, options, &report);
  CHECK(read.size() == 2);
  CHECK(read.user_ids.size() == 2);
  CHECK(read.item_ids.find("y") == -1);
  CHECK(report.rows == 2);
  CHECK(report.skipped == 3);
  CHECK(report.left_out == 1);
  CHECK(report.first_reason == path + ":3:3: expected a number for rating, got \"?\"");
}

TEST_CASE("a table without a single event is refused") {
  const TestFiles files;
  CHECK(error_of(files, "") == "ratings.csv: expected rows, got an empty file");
  CHECK(error_of(files, "\n\r\n") == "ratings.csv: expected rows, got an empty file");
  CHECK(error_of(files, "user,item,rating\n") ==
        "ratings.csv: expected events, got a table without rows");
  TableOptions options;
  options.skip_bad_lines = true;
  CHECK(error_of(files, "user,item\na,\n", options).find("1 malformed lines only") !=
        std::string::npos);
}

TEST_CASE("one user, one item or nothing left to choose loads, but cannot be trained on") {
  const TestFiles files;
  const auto reason = [&](std::string_view text) {
    const Interactions read = read_interactions(files.write("few.csv", text));
    return message_of([&] { require_trainable(read); });
  };
  CHECK(reason("u,a\nu,b\n") == "expected events of at least 2 users to train on, got 1");
  CHECK(reason("u,a\nv,a\n") == "expected at least 2 items to train on, got 1");
  CHECK(reason("u,a\nu,b\nv,a\nv,b\n") ==
        "expected an item that some user has not chosen, got 2 users with all 2 items each");
  CHECK(reason("u,a\nu,b\nv,a\n").empty());
}

TEST_CASE("the fingerprint is of the ids and events, not of the file") {
  const TestFiles files;
  const std::uint64_t plain =
      fingerprint(read_interactions(files.write("a", "user,item,rating\nu,i,1\nv,j,2\n")));
  const std::uint64_t packed = fingerprint(
      read_interactions(files.write_gzip("b", "rating;item;user\r\n1.0;i;u\r\n2;j;\"v\"")));
  CHECK(plain == packed);
  CHECK(hexadecimal(plain).size() == 16);
  CHECK(hexadecimal(0xAB) == "00000000000000ab");
  for (const char* other : {"u,i,1\nv,j,3\n", "u,i,1\nv,i,2\n", "v,j,2\nu,i,1\n", "u,i,1\nw,j,2\n",
                            "u,i\nv,j\n", "u,i,1,5\nv,j,2,5\n"}) {
    CHECK(fingerprint(read_interactions(files.write("c", other))) != plain);
  }
  // Fixed for good: a changed fingerprint makes old results incomparable.
  CHECK(hexadecimal(plain) == "81c525c074d5a1ba");
}

TEST_CASE("user items are the distinct items of each user, ascending") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto users = static_cast<std::uint32_t>(1 + random() % 6);
    const auto items = static_cast<std::uint32_t>(1 + random() % 8);
    std::vector<std::set<std::int32_t>> expected(users);
    std::vector<std::int32_t> event_users;
    std::vector<std::int32_t> event_items;
    for (std::size_t n = random() % 40; n > 0; --n) {
      event_users.push_back(static_cast<std::int32_t>(random() % users));
      event_items.push_back(static_cast<std::int32_t>(random() % items));
      expected[static_cast<std::size_t>(event_users.back())].insert(event_items.back());
    }
    const UserItems pairs(users, items, event_users, event_items);
    std::vector<Index> counts(items, 0);
    Index size = 0;
    for (std::uint32_t user = 0; user < users; ++user) {
      const auto of_user = pairs.of(user);
      CHECK(std::vector<std::int32_t>(of_user.begin(), of_user.end()) ==
            std::vector<std::int32_t>(expected[user].begin(), expected[user].end()));
      for (std::int32_t item = 0; item < static_cast<std::int32_t>(items); ++item) {
        CHECK(pairs.contains(user, item) == expected[user].contains(item));
        counts[static_cast<std::size_t>(item)] += expected[user].contains(item) ? 1 : 0;
      }
      size += static_cast<Index>(expected[user].size());
    }
    CHECK(pairs.size() == size);
    CHECK(pairs.item_user_counts() == counts);
  }
}

}  // namespace
}  // namespace tapegrad::apps
