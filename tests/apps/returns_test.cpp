#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/sessions.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

struct Row {
  const char* user;
  const char* item;
  float quantity;
  double time;
};

Interactions events_of(const std::vector<Row>& rows) {
  Interactions events;
  for (const Row& row : rows) {
    events.users.push_back(static_cast<std::int32_t>(events.user_ids.insert(row.user)));
    events.items.push_back(static_cast<std::int32_t>(events.item_ids.insert(row.item)));
    events.quantities.push_back(row.quantity);
    events.times.push_back(row.time);
  }
  return events;
}

constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("a negative quantity takes back the latest pieces that were bought before it") {
  struct Case {
    const char* what;
    std::vector<Row> rows;
    std::vector<bool> kept;
    Index returns, unmatched, returned, nothing;
  };
  const Case cases[] = {
      {"a whole purchase", {{"a", "x", 2, 1}, {"a", "x", -2, 2}}, {false, false}, 1, 0, 1, 0},
      {"a part of one", {{"a", "x", 2, 1}, {"a", "x", -1, 2}}, {true, false}, 1, 0, 0, 0},
      {"in two parts",
       {{"a", "x", 3, 1}, {"a", "x", -1, 2}, {"a", "x", -2, 3}},
       {false, false, false},
       2,
       0,
       1,
       0},
      {"the later of two",
       {{"a", "x", 1, 1}, {"a", "x", 1, 2}, {"a", "x", -1, 3}},
       {true, false, false},
       1,
       0,
       1,
       0},
      {"more than the later",
       {{"a", "x", 2, 1}, {"a", "x", 1, 2}, {"a", "x", -2, 3}},
       {true, false, false},
       1,
       0,
       1,
       0},
      {"more than there was", {{"a", "x", 1, 1}, {"a", "x", -5, 2}}, {false, false}, 1, 1, 1, 0},
      {"before any purchase", {{"a", "x", -1, 1}, {"a", "x", 1, 2}}, {false, true}, 1, 1, 0, 0},
      {"by time and not by row", {{"a", "x", -1, 2}, {"a", "x", 1, 1}}, {false, false}, 1, 0, 1, 0},
      {"at the same time by row",
       {{"a", "x", 1, 1}, {"a", "x", -1, 1}},
       {false, false},
       1,
       0,
       1,
       0},
      {"of another item", {{"a", "x", 1, 1}, {"a", "y", -1, 2}}, {true, false}, 1, 1, 0, 0},
      {"of another user", {{"a", "x", 1, 1}, {"b", "x", -1, 2}}, {true, false}, 1, 1, 0, 0},
      {"what is no number is one piece",
       {{"a", "x", no_number, 1}, {"a", "x", -1, 2}},
       {false, false},
       1,
       0,
       1,
       0},
      {"a quantity of 0 is nothing",
       {{"a", "x", 0, 1}, {"a", "x", 1, 2}},
       {false, true},
       0,
       0,
       0,
       1},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    const Returns found = find_returns(events_of(one.rows));
    CHECK(found.is_kept == one.kept);
    CHECK(found.returns == one.returns);
    CHECK(found.unmatched == one.unmatched);
    CHECK(found.returned == one.returned);
    CHECK(found.nothing == one.nothing);
  }
  Interactions without = events_of({{"a", "x", -1, 1}, {"a", "y", 0, 2}});
  without.quantities.clear();
  CHECK(find_returns(without).is_kept == std::vector<bool>{true, true});
}

TEST_CASE("of what was bought as much is kept as was not taken back") {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Interactions events;
    for (int user = 0; user < 5; ++user) events.user_ids.insert(std::to_string(user));
    for (int item = 0; item < 4; ++item) events.item_ids.insert(std::to_string(item));
    // One piece a row, so that the pieces kept are the rows kept.
    std::map<std::pair<std::int32_t, std::int32_t>, Index> left;
    Index unmatched = 0;
    for (int i = 0; i < 400; ++i) {
      const std::pair<std::int32_t, std::int32_t> pair(random() % 5, random() % 4);
      const bool is_return = random() % 3 == 0;
      events.users.push_back(pair.first);
      events.items.push_back(pair.second);
      events.quantities.push_back(is_return ? -1.0F : 1.0F);
      if (is_return && left[pair] == 0)
        ++unmatched;
      else
        left[pair] += is_return ? -1 : 1;
    }
    const Returns found = find_returns(events);
    CHECK(found.unmatched == unmatched);
    std::map<std::pair<std::int32_t, std::int32_t>, Index> kept;
    for (std::size_t row = 0; row < events.users.size(); ++row)
      kept[{events.users[row], events.items[row]}] += found.is_kept[row] ? 1 : 0;
    for (const auto& [pair, count] : left) CHECK(kept[pair] == count);
  }
}

TEST_CASE("rows of excluded items are left out and counted") {
  const TestFiles files;
  const std::string path = files.write("e.csv", "user,item\na,POST\na,x\nb, POST \nb,y\n");
  ReadReport report;
  const Interactions events = read_interactions(path, {.excluded_items = {"POST", "z"}}, &report);
  CHECK(events.size() == 2);
  CHECK(events.item_ids.find("POST") == -1);
  CHECK(report.rows == 2);
  CHECK(report.excluded == 2);
  CHECK(message_of([&] {
          read_interactions(path, {.excluded_items = {"POST", "x", "y"}});
        }) == path + ": expected events, got 4 rows of excluded items");
}

TEST_CASE("a cancelled order takes back what was bought, with and without quantities") {
  const TestFiles files;
  const auto kept = [&](const std::string& text) {
    const Interactions events = read_interactions(files.write("orders.csv", text));
    return find_returns(events).is_kept;
  };
  const std::string head = "user,item,orderid\n";
  CHECK(kept(head + "a,x,1001\na,y,1001\na,x,C1001\n") == std::vector<bool>{false, true, false});
  CHECK(kept(head + "a,x,1001\na,x,c1001\n") == std::vector<bool>{false, false});
  // Without an order that is a number alone, C may begin every order.
  CHECK(kept(head + "a,x,C1001\na,x,C1002\n") == std::vector<bool>{true, true});
  CHECK(kept(head + "a,x,1001\na,x,CA17\n") == std::vector<bool>{true, true});
  const std::string counted = "user,item,orderid,quantity\n";
  CHECK(kept(counted + "a,x,1,3\na,x,C2,2\n") == std::vector<bool>{true, false});
  CHECK(kept(counted + "a,x,1,3\na,x,C2,-3\n") == std::vector<bool>{false, false});
}

TEST_CASE("returns of a table are told, and rows without a user are nobody's") {
  const TestFiles files;
  const std::string path = files.write(
      "shop.csv",
      "InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID\n1,x,2,2020-01-01,a\n2,y,1,2020-01-02,"
      "a\n"
      "C3,x,-2,2020-01-03,a\n4,x,1,2020-01-04, \n5,z,1,2020-01-05,b\n6,y,0,2020-01-06,b\n");
  ReadReport report;
  const Interactions events = read_interactions(path, {}, &report);
  CHECK(report.columns ==
        "user \"CustomerID\", item \"StockCode\", time \"InvoiceDate\", quantity \"Quantity\", "
        "order \"InvoiceNo\"");
  CHECK(report.rows == 5);
  CHECK(report.left_out == 1);
  const Returns returns = find_returns(events);
  CHECK(describe_returns("shop.csv", returns) ==
        "shop.csv: 1 rows with a negative quantity take back 1 purchases (0 of them more than was "
        "bought before); 1 rows with a quantity of 0 are left out; --columns "
        "quantity=none,order=none counts every row\n");
  const Interactions likes = likes_of(events, returns);
  CHECK(likes.size() == 2);
  CHECK(likes.item_ids.name(likes.items[0]) == "y");
  CHECK(likes.item_ids.name(likes.items[1]) == "z");
  const Sessions histories = read_sessions(path, {}, true, nullptr);
  CHECK(histories.events.size() == 2);
  CHECK(histories.items.size() == 2);
  // Without the column every row counts.
  const TableOptions unquantified{.columns = ColumnChoices("quantity=none,order=none")};
  const Interactions all = read_interactions(path, unquantified);
  CHECK(likes_of(all, find_returns(all)).size() == 5);
  CHECK(message_of([&] {
          const Interactions none =
              read_interactions(files.write("none.csv", "user,item,qty\na,x,0\n"), {});
          likes_of(none, find_returns(none));
        }) == "expected a purchase that was kept, got none");
}

}  // namespace
}  // namespace tapegrad::apps
