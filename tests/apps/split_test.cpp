#include "test_files.h"

#include <doctest/doctest.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/ncf_split.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/temporal_split.h>
#include <tapegrad/apps/data/unseen_items.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/data/validation_split.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace tapegrad::apps {
namespace {

struct Row {
  std::int32_t user;
  std::int32_t item;
  double time;
};

Interactions events(std::int32_t users, std::int32_t items, const std::vector<Row>& rows,
                    bool timed = true) {
  Interactions result;
  for (std::int32_t user = 0; user < users; ++user)
    result.user_ids.insert("u" + std::to_string(user));
  for (std::int32_t item = 0; item < items; ++item)
    result.item_ids.insert("i" + std::to_string(item));
  for (const Row& row : rows) {
    result.users.push_back(row.user);
    result.items.push_back(row.item);
    if (timed) result.times.push_back(row.time);
  }
  return result;
}

Interactions random_events(std::uint32_t seed, bool timed = true) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::int32_t>(random() % bound);
  };
  std::vector<Row> rows;
  for (int n = 60 + below(60); n > 0; --n)
    rows.push_back({below(10), below(15), static_cast<double>(below(20))});
  return events(10, 15, rows, timed);
}

using Items = std::vector<std::int32_t>;

TEST_CASE("loo holds out the last event by time, the last in the file among equal times") {
  const Interactions all = events(3, 5,
                                  {{0, 0, 5},
                                   {0, 1, 9},
                                   {0, 2, 9},
                                   {0, 3, 1},  // user 0: item 2
                                   {1, 0, 1},
                                   {1, 1, 2},  // too few events
                                   {2, 4, 1},
                                   {2, 3, 2},
                                   {2, 1, 3},
                                   {2, 4, 4}});  // item 4, its earlier event leaves too
  const Split split = leave_one_out_split(all);
  REQUIRE(split.cases.size() == 2);
  CHECK(split.cases[0].user == 0);
  CHECK(split.cases[0].relevant == Items{2});
  CHECK(split.cases[0].candidates.empty());
  CHECK(split.cases[1].user == 2);
  CHECK(split.cases[1].relevant == Items{4});
  CHECK(split.training.users == Items{0, 0, 0, 1, 1, 2, 2});
  CHECK(split.training.items == Items{0, 1, 3, 0, 1, 3, 1});
  CHECK(split.training.times.size() == 7);
  CHECK(split.protocol == "loo");
  CHECK(split.fingerprint.size() == 16);
}

TEST_CASE(
    "without times loo holds out the last row of each user, and temporal is refused with the "
    "reason") {
  const Interactions all =
      events(2, 4, {{0, 3, 0}, {1, 1, 0}, {0, 2, 0}, {0, 0, 0}, {1, 0, 0}, {1, 2, 0}}, false);
  const Split split = leave_one_out_split(all);
  REQUIRE(split.cases.size() == 2);
  CHECK(split.cases[0].relevant == Items{0});
  CHECK(split.cases[1].relevant == Items{2});
  CHECK(split.description.find("last row in the file") != std::string::npos);
  CHECK(message_of([&] { temporal_split(all); }) ==
        "protocol temporal: expected a time for each event, since the last events of all are the "
        "test; the table has no times");
}

TEST_CASE("with protocol none all events train and none is tested") {
  const Interactions all = random_events(1);
  const Split split = whole_split(all);
  CHECK(split.training.items == all.items);
  CHECK(split.cases.empty());
  CHECK(split.protocol == "none");
}

TEST_CASE("only a rating that is high enough makes a like, and what is no number is none") {
  Interactions all = events(1, 5, {{0, 0, 1}, {0, 1, 2}, {0, 2, 3}, {0, 3, 4}, {0, 4, 5}});
  all.ratings = {-3.0F, 0.0F, 2.5F, 5.0F, std::numeric_limits<float>::quiet_NaN()};
  const Returns none = find_returns(all);
  CHECK(likes_of(all, none).items == Items{0, 1, 2, 3, 4});
  CHECK(likes_of(all, none, {.min_rating = 0.0}).items == Items{1, 2, 3});
  CHECK(likes_of(all, none, {.min_rating = 2.5}).items == Items{2, 3});
  CHECK(likes_of(all, none, {.min_rating = -5.0}).items == Items{0, 1, 2, 3});
  CHECK(count_not_positive(all) == 2);
  CHECK(message_of([&] { likes_of(all, none, {.min_rating = 6.0}); }) ==
        "expected an event with a rating of 6 or more, got none");
}

TEST_CASE("loo needs a user with enough events") {
  CHECK_THROWS_AS(leave_one_out_split(events(2, 2, {{0, 0, 1}, {0, 1, 2}, {1, 0, 1}})), DataError);
  CHECK_THROWS_AS(leave_one_out_split(events(1, 1, {{0, 0, 1}, {0, 0, 2}, {0, 0, 3}})), DataError);
}

TEST_CASE(
    "loo never leaves the test item in the user's training and tests every user that it can") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Interactions all = random_events(seed);
    const Split split = leave_one_out_split(all);
    const UserItems before(all);
    const UserItems after(split.training);
    for (const RankingCase& one : split.cases) {
      CHECK(before.contains(one.user, one.relevant[0]));
      CHECK_FALSE(after.contains(one.user, one.relevant[0]));
      CHECK(after.of(one.user).size() + 1 == before.of(one.user).size());
      double last = -1.0;
      double target = -1.0;
      for (std::size_t row = 0; row < all.users.size(); ++row) {
        if (all.users[row] != one.user) continue;
        last = std::max(last, all.times[row]);
        if (all.items[row] == one.relevant[0]) target = std::max(target, all.times[row]);
      }
      CHECK(target == last);
    }
  }
}

TEST_CASE("temporal tests the last events of all and keeps new items of trained users") {
  const Interactions all = events(3, 6,
                                  {{0, 0, 1},
                                   {0, 1, 2},
                                   {1, 2, 3},
                                   {1, 0, 4},
                                   {0, 3, 8},
                                   {2, 1, 8},  // a new user: no case
                                   {0, 5, 9},
                                   {0, 3, 9},
                                   {1, 2, 10},
                                   {0, 0, 5}});
  // Test: the two at 8, the two at 9 and the one at 10.
  const Split split = temporal_split(all, {.fraction = 0.5});
  REQUIRE(split.cases.size() == 1);
  CHECK(split.cases[0].user == 0);
  CHECK(split.cases[0].relevant == Items{3, 5});
  CHECK(split.training.items == Items{0, 1, 2, 0, 0});
  CHECK(split.protocol == "temporal 0.5");
}

TEST_CASE("temporal breaks equal times by the file order and takes at least one event") {
  const Interactions all = events(1, 4, {{0, 0, 7}, {0, 1, 7}, {0, 2, 7}, {0, 3, 7}});
  CHECK(temporal_split(all, {.fraction = 0.25}).cases[0].relevant == Items{3});
  CHECK(temporal_split(all, {.fraction = 0.01}).cases[0].relevant == Items{3});
  CHECK(temporal_split(all, {.fraction = 0.5}).cases[0].relevant == Items{2, 3});
  CHECK_THROWS_AS(temporal_split(all, {.fraction = 0.0}), OptionError);
  CHECK_THROWS_AS(temporal_split(all, {.fraction = 1.0}), OptionError);
  CHECK_THROWS_AS(temporal_split(events(1, 1, {{0, 0, 1}, {0, 0, 2}})), DataError);
}

TEST_CASE("temporal keeps every training event before every test event") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const Interactions all = random_events(seed);
    const Split split = temporal_split(all, {.fraction = 0.2});
    const UserItems training(split.training);
    CHECK(split.training.size() ==
          all.size() - std::llround(0.2 * static_cast<double>(all.size())));
    const double last = *std::max_element(split.training.times.begin(), split.training.times.end());
    const UserItems pairs(all);
    for (const RankingCase& one : split.cases) {
      for (const std::int32_t item : one.relevant) CHECK_FALSE(training.contains(one.user, item));
      CHECK(training.of(one.user).size() + one.relevant.size() == pairs.of(one.user).size());
    }
    CHECK(std::count_if(all.times.begin(), all.times.end(),
                        [&](double time) { return time < last; }) <= split.training.size());
  }
}

TEST_CASE(
    "validation holds one training item of each user out and draws negatives the user has not "
    "seen") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    for (const bool timed : {true, false}) {
      CAPTURE(seed);
      CAPTURE(timed);
      const Interactions all = random_events(seed, timed);
      ValidationOptions options;
      options.negatives = 4;
      options.max_users = 6;
      options.seed = seed;
      const Split split = validation_split(whole_split(all), options);
      const UserItems before(all);
      const UserItems after(split.training);
      CHECK(split.cases.size() <= 6);
      for (const RankingCase& one : split.cases) {
        CHECK(before.contains(one.user, one.relevant[0]));
        CHECK_FALSE(after.contains(one.user, one.relevant[0]));
        const Index unseen = 15 - static_cast<Index>(before.of(one.user).size());
        CHECK(static_cast<Index>(one.candidates.size()) == std::min<Index>(4, unseen));
        CHECK(std::set<std::int32_t>(one.candidates.begin(), one.candidates.end()).size() ==
              one.candidates.size());
        for (const std::int32_t item : one.candidates) CHECK_FALSE(before.contains(one.user, item));
      }
      CHECK(after.size() + static_cast<Index>(split.cases.size()) == before.size());
      const Split again = validation_split(whole_split(all), options);
      CHECK(again.training.items == split.training.items);
      CHECK(again.cases[0].candidates == split.cases[0].candidates);
    }
  }
}

TEST_CASE("without times the seed chooses the validation item, with times it is the last one") {
  const Interactions untimed = random_events(3, false);
  ValidationOptions options;
  std::set<std::int32_t> chosen;
  for (options.seed = 1; options.seed <= 40; ++options.seed) {
    chosen.insert(validation_split(whole_split(untimed), options).cases[0].relevant[0]);
  }
  CHECK(chosen.size() ==
        UserItems(untimed).of(validation_split(whole_split(untimed)).cases[0].user).size());
  const Interactions timed = random_events(3);
  CHECK(validation_split(whole_split(timed), options).training.items ==
        leave_one_out_split(timed).training.items);
}

TEST_CASE("unseen items are drawn evenly and all are given when too few are left") {
  const UserItems pairs(1, 8, Items{0, 0, 0}, Items{0, 3, 7});
  CHECK(sample_unseen_items(pairs, 0, 9, 1) == Items{1, 2, 4, 5, 6});
  std::vector<int> drawn(8, 0);
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    for (const std::int32_t item : sample_unseen_items(pairs, 0, 2, seed))
      ++drawn[static_cast<std::size_t>(item)];
  }
  for (const std::int32_t item : {1, 2, 4, 5, 6}) {
    CHECK(drawn[static_cast<std::size_t>(item)] > 1800);  // 2000 expected, standard deviation 35
    CHECK(drawn[static_cast<std::size_t>(item)] < 2200);
  }
}

struct NcfFiles {
  TestFiles files;
  std::string prefix = files.path("tiny");

  NcfFiles() {
    files.write_gzip("tiny.train.rating.gz", "0\t10\t5\n0\t11\t4\n1\t10\t3\n");
    files.write("tiny.test.rating", "0\t12\t5\t978\n1\t13\t4\t979\n");
    files.write("tiny.test.negative", "(0,12)\t13\t12\t14\t13\n(1, 13)\t11\t15\n");
  }
};

TEST_CASE("ncf reads the given split: the target and repetitions leave the negatives") {
  const NcfFiles ncf;
  const Split split = read_ncf_split(ncf.prefix);
  CHECK(split.training.size() == 3);
  CHECK(split.training.times.empty());
  CHECK(split.training.item_ids.size() == 6);
  REQUIRE(split.cases.size() == 2);
  const auto names = [&](const Items& items) {
    std::vector<std::string> result;
    for (const std::int32_t item : items) result.push_back(split.training.item_ids.name(item));
    return result;
  };
  CHECK(names(split.cases[0].relevant) == std::vector<std::string>{"12"});
  CHECK(names(split.cases[0].candidates) == std::vector<std::string>{"13", "14"});
  CHECK(names(split.cases[1].candidates) == std::vector<std::string>{"11", "15"});
  CHECK(split.protocol == "ncf");
}

TEST_CASE("ncf files that do not fit together are refused with the place") {
  const NcfFiles ncf;
  const std::string path = ncf.files.path("tiny.test.negative");
  const auto reason = [&](std::string_view negatives) {
    ncf.files.write("tiny.test.negative", negatives);
    return message_of([&] { read_ncf_split(ncf.prefix); });
  };
  CHECK(reason("(0,12)\t13\n(1,12)\t11\n") ==
        path + ":2:1: expected the test row \"(1,13)\", got \"(1,12)\"");
  CHECK(reason("(0,12)\t13\n") == path + ": expected 2 rows as in the test, got 1");
  CHECK(reason("(0,12)\t13\n(1,13)\t11\n(2,1)\t1\n") ==
        path + ": expected 2 rows as in the test, got more");
  CHECK(reason("(0,12)\t12\n(1,13)\t11\n") ==
        path + ":1:2: expected a negative other than the test item, got none");
  CHECK(message_of([&] {
          read_ncf_split(ncf.files.path("no"));
        }).find("no.train.rating.gz, got neither") != std::string::npos);
}

}  // namespace
}  // namespace tapegrad::apps
