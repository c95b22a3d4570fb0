#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include <tapegrad/apps/data/column_choices.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

TEST_CASE("column choices are role=column pairs, quoted where they hold a comma") {
  const ColumnChoices choices(
      " user = Customer ID ,item=2,\"time=when, UTC\",item.title=Description,rating=none,"
      "label=a=b");
  CHECK(choices.of("user") == "Customer ID");
  CHECK(choices.of("item") == "2");
  CHECK(choices.of("time") == "when, UTC");
  CHECK(choices.of("item.title") == "Description");
  CHECK(choices.of("rating") == "none");
  CHECK(choices.of("label") == "a=b");
  CHECK(choices.of("session").empty());
  CHECK(ColumnChoices().of("user").empty());
}

TEST_CASE("what is no choice of a column is refused, with what was expected") {
  struct Case {
    const char* text;
    const char* says;
  };
  const Case cases[] = {
      {"", "expected pairs with commas between, as in user=CustomerID,item=StockCode: got \"\""},
      {"user", "expected pairs as in user=CustomerID,item=StockCode, got \"user\""},
      {"user=", "expected pairs as in user=CustomerID,item=StockCode, got \"user=\""},
      {"=1", "expected pairs as in user=CustomerID,item=StockCode, got \"=1\""},
      {"user=1,", "expected pairs as in user=CustomerID,item=StockCode, got \"\""},
      {"user=1\nitem=2", "got \"user=1\\u000aitem=2\""},
      {"\"user=1", "expected a closing quote"},
      {"users=1",
       "there is no role \"users\"; there are user, session, order, item, type, time, "
       "price, quantity, rating, label, click, purchase, position, propensity, impression, "
       "probability, and item.FEATURE and user.FEATURE"},
      {"User=1", "there is no role \"User\""},
      {"item.=1", "there is no role \"item.\""},
      {"order.year=1", "there is no role \"order.year\""},
      {"user=1,item=2,user=3", "the role user is given twice"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const std::string message = message_of([&] { ColumnChoices choices(one.text); });
    CHECK(message.starts_with("--columns: "));
    CHECK(message.find(one.says) != std::string::npos);
  }
}

TEST_CASE("a role without effect is refused") {
  const ColumnChoices choices("user=1,item.title=2");
  constexpr std::array<std::string_view, 2> both = {"user", "item.title"};
  constexpr std::array<std::string_view, 2> other = {"user", "item"};
  CHECK_NOTHROW(choices.require_used(both));
  CHECK(message_of([&] { choices.require_used(other); }) ==
        "--columns item.title=2 has no effect: the roles that are used are user, item");
  CHECK(message_of([&] { choices.refuse("user", "with task chess"); }) ==
        "--columns user=1 has no effect with task chess");
  CHECK_NOTHROW(choices.refuse("time", "with task chess"));
}

}  // namespace
}  // namespace tapegrad::apps
