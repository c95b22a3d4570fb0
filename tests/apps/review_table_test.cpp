// Reviews by product and month.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/classification/review_table.h>

#include "classify_files.h"

using namespace classify_files;

TEST_CASE("reviews are grouped, and telling words are those of their group") {
  std::vector<Review> reviews;
  for (int i = 0; i < 60; ++i) {
    const bool is_first = i % 3 == 0;
    reviews.push_back({.product = is_first ? "boots" : "coat",
                       .month = i % 2 == 0 ? "2024-02" : "2024-01",
                       .words = {"the", "the", is_first ? "leaks" : "warm", "fits"},
                       .label = is_first ? 0 : 1});
  }
  const std::vector<ReviewGroup> groups = review_groups(reviews, 2, 5);
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].product == "boots");
  CHECK(groups[0].month == "2024-01");
  CHECK(groups[1].month == "2024-02");
  CHECK(groups[2].product == "coat");
  tapegrad::Index all = 0;
  for (const ReviewGroup& group : groups) {
    CAPTURE(group.product);
    all += group.reviews;
    CHECK(group.labels[0] + group.labels[1] == group.reviews);
    CHECK(group.labels[group.product == "boots" ? 0 : 1] == group.reviews);
    // What all reviews have tells nothing.
    CHECK(std::ranges::count(group.telling, "the") == 0);
    CHECK(std::ranges::count(group.telling, "fits") == 0);
    if (group.product == "boots") CHECK(group.telling == std::vector<std::string>{"leaks"});
  }
  CHECK(all == 60);
  CHECK(review_groups(reviews, 2, 0)[0].telling.empty());
  CHECK(review_groups({}, 2, 5).empty());
}

TEST_CASE("tg-classify tables reviews with the classes that a model says") {
  const Files files;
  REQUIRE(run("train --model naive-bayes --data " + files.train + " --out " + files.model).code ==
          0);
  std::string table = "review,product,date\n";
  for (int i = 0; i < 20; ++i)
    table += fmt::format("It is {},{},{:02}/0{}/2024\n",
                         i % 2 == 0 ? "awful and broke" : "lovely and soft",
                         i % 2 == 0 ? "boots" : "coat", 1 + i, 1 + i / 10);
  const std::string data = shell_quoted(files.folder.write("reviews.csv", table));
  const std::string reviews = "reviews --quiet --model-file " + files.model + " --data " + data;
  const std::string timed = reviews + " --product product --time date --time-format %d/%m/%Y";
  const Outcome text = run(timed);
  CAPTURE(text.text);
  CHECK(text.code == 0);
  CHECK(text.text.find("boots  2024-01  5 reviews  bad 100 %  good 0 %  middling 0 %") !=
        std::string::npos);
  const std::string out = files.folder.path("table.csv");
  REQUIRE(run(timed + " --out " + shell_quoted(out)).code == 0);
  CHECK(read(out).starts_with(
      "product,month,reviews,share bad,share good,share middling,words\nboots,2024-01,5,1.0000,"));
  const auto row = json_of(reviews + " --product product");
  CHECK(row["product"] == "coat");
  CHECK(row["classes"]["good"] == 10);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {reviews, 2, "product"},
      {reviews + " --product nowhere", 1, "nowhere"},
      {reviews + " --product product --time date", 1,
       "--time: expected seconds or an ISO 8601 time, got \"01/01/2024\": --time-format"},
      {reviews + " --product product --time-format %F", 2, "--time-format has no effect"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == one.code);
    CHECK(last_line(outcome.text).find(one.says) != std::string::npos);
  }
}
