// Events of several types, and how much old ones count.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/temporal_split.h>
#include <tapegrad/apps/data/user_items.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

const std::string shop =
    "user,item,event,time\n"
    "a,x,view,1\na,x,cart,2\na,x,purchase,3\na,y,view,4\na,z,view,5\na,z,purchase,6\n"
    "b,x,view,1\nb,y,purchase,2\nb,z,view,3\nb,z,view,4\n";

Interactions typed(const TestFiles& files, const char* weights,
                   std::optional<double> half_life = {}) {
  TableOptions options;
  options.event_weights = EventWeights(weights);
  const Interactions events = read_interactions(files.write("shop.csv", shop), options);
  return likes_of(events, find_returns(events),
                  {.event_weights = options.event_weights, .half_life = half_life});
}

TEST_CASE("event weights are pairs of a type and a number") {
  const EventWeights weights("view=1, Cart=3,purchase=5");
  CHECK(weights.of("VIEW") == 1.0);
  CHECK(weights.of("cart") == 3.0);
  CHECK(!weights.of("wishlist"));
  CHECK(weights.heaviest() == 5.0);
  CHECK(weights.text() == "cart=3,purchase=5,view=1");
  for (const char* text : {"", "view", "view=", "view=-1", "view=nan", "view=1,VIEW=2", "view=0",
                           "view=1e9", "=1", "view=1,"}) {
    CAPTURE(std::string(text));
    CHECK(message_of([&] { EventWeights other(text); }).starts_with("--event-weights: "));
  }
}

TEST_CASE("a pair weighs as its heaviest event, weights are relative, and type 0 is left out") {
  const TestFiles files;
  const UserItems pairs(typed(files, "view=1,cart=3,purchase=5"));
  // Pairs ax 5, ay 1, az 5, bx 1, by 5, bz 1: the mean is 3.
  CHECK(pairs.size() == 6);
  CHECK(std::vector<float>(pairs.weights_of(0).begin(), pairs.weights_of(0).end()) ==
        std::vector<float>{static_cast<float>(5.0 / 3), static_cast<float>(1.0 / 3),
                           static_cast<float>(5.0 / 3)});
  const UserItems bought(typed(files, "view=0,cart=0,purchase=1"));
  CHECK(bought.size() == 3);
  const Interactions likes = typed(files, "view=1,cart=3,purchase=5");
  CHECK(UserItems::of_targets(likes).size() == 3);
  CHECK(UserItems::of_targets(likes).contains(1, 1));
  // The same weights in other units are the same.
  const UserItems scaled(typed(files, "view=10,cart=30,purchase=50"));
  for (Index user = 0; user < 2; ++user) {
    for (std::size_t at = 0; at < pairs.of(user).size(); ++at)
      CHECK(scaled.weights_of(user)[at] == doctest::Approx(pairs.weights_of(user)[at]));
  }
}

TEST_CASE("a type without a weight is refused, and types without weights all count") {
  const TestFiles files;
  const std::string path = files.write("shop.csv", shop);
  TableOptions options;
  options.event_weights = EventWeights("view=1,purchase=5");
  CHECK(message_of([&] { read_interactions(path, options); })
            .find("shop.csv:3:3: expected a type that --event-weights lists (purchase=5,view=1), "
                  "got \"cart\"") != std::string::npos);
  const Interactions all = read_interactions(path);
  CHECK(all.type_ids.size() == 3);
  CHECK(likes_of(all, find_returns(all)).weights.empty());
  CHECK(!UserItems(all).has_weights());
  CHECK(message_of([&] {
          read_interactions(files.write("plain.csv", "user,item\na,x\n"), options);
        }).find("for type") != std::string::npos);
}

TEST_CASE("what is held out are events of the greatest weight") {
  const TestFiles files;
  const Interactions likes = typed(files, "view=1,cart=3,purchase=5");
  const Split loo = leave_one_out_split(likes);
  REQUIRE(loo.cases.size() == 2);
  CHECK(loo.cases[0].relevant == std::vector<std::int32_t>{2});  // a bought z last
  CHECK(loo.cases[1].relevant == std::vector<std::int32_t>{1});  // b viewed z later, and bought y
  CHECK(!loo.pairs->contains(0, 2));
  CHECK(loo.had->of(1).size() == 1);  // what was viewed may be recommended
  const Split temporal = temporal_split(likes, {.time = 5.0});
  REQUIRE(temporal.cases.size() == 1);
  CHECK(temporal.cases[0].relevant == std::vector<std::int32_t>{2});
  CHECK(message_of([&] {
          require_targets(typed(files, "view=1,cart=3,purchase=0,gift=9"),
                          {.event_weights = EventWeights("view=1,cart=3,purchase=0,gift=9")});
        }).find("expected an event of the type with the greatest weight") != std::string::npos);
}

TEST_CASE("an event weighs half after its half-life") {
  const TestFiles files;
  const Interactions likes = typed(files, "view=1,cart=1,purchase=1", 2.0);
  // The last event is at 6.
  for (std::size_t row = 0; row < likes.times.size(); ++row)
    CHECK(likes.weights[row] ==
          doctest::Approx(std::exp2(-(6.0 - likes.times[row]) / 2.0)).epsilon(1e-6));
  const Interactions untimed = read_interactions(files.write("plain.csv", "user,item\na,x\nb,y\n"));
  CHECK(message_of([&] { likes_of(untimed, find_returns(untimed), {.half_life = 1.0}); }) ==
        "a half-life needs a time for each event; the table has no times");
}

}  // namespace
}  // namespace tapegrad::apps
