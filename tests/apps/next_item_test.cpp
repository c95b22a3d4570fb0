// Judging of next items, and the rules that are counted.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <tapegrad/apps/baselines/item_rules.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/next_item.h>

#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

// Scores that do not depend on the history.
class Fixed : public NextItemPredictor {
 public:
  explicit Fixed(std::vector<float> scores) : scores_(std::move(scores)) {}
  void score(std::span<const History> histories, std::span<float> scores) const override {
    for (std::size_t h = 0; h < histories.size(); ++h)
      std::ranges::copy(scores_, scores.begin() + static_cast<std::ptrdiff_t>(h * scores_.size()));
  }

 private:
  std::vector<float> scores_;
};

const std::vector<std::int32_t> some_history{0, 1};

NextItemMetrics judged(std::vector<float> scores, NextItemCase one, int k) {
  const auto items = static_cast<Index>(scores.size());
  return evaluate_next_items(Fixed(std::move(scores)), {&one, 1}, items, k, 1);
}

Sessions three_sessions() {
  Sessions sessions;
  for (const char* item : {"a", "b", "c"}) sessions.items.insert(item);
  sessions.add("1", std::vector<std::int32_t>{0, 1, 0}, 1.0);
  sessions.add("2", std::vector<std::int32_t>{0, 2}, 2.0);
  sessions.add("3", std::vector<std::int32_t>{2}, 3.0);
  return sessions;
}

}  // namespace

TEST_CASE("ties count against the model, and their mean over all orders is told beside") {
  const NextItemCase one{.history = some_history, .next = 2};
  const NextItemMetrics clear = judged({0.1F, 0.2F, 0.9F, 0.3F}, one, 2);
  CHECK(clear.recall == 1.0);
  CHECK(clear.mrr == 1.0);
  CHECK(clear.ndcg == 1.0);
  // Behind one and beside two: places 2, 3 or 4.
  const NextItemMetrics tied = judged({0.9F, 0.5F, 0.5F, 0.5F, 0.1F}, one, 3);
  CHECK(tied.recall == 0.0);
  CHECK(tied.recall_random_ties == doctest::Approx(2.0 / 3.0));
  CHECK(tied.mrr_random_ties == doctest::Approx((1.0 / 2 + 1.0 / 3) / 3));
  CHECK(judged({0.9F, 0.5F, 0.5F, 0.5F, 0.1F}, one, 4).ndcg ==
        doctest::Approx(1.0 / std::log2(5.0)));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(judged({0.1F, 0.2F, nan, 0.3F}, one, 3).recall == 0.0);
  CHECK(judged({nan, nan, 0.1F, nan}, one, 1).recall == 1.0);
}

TEST_CASE("the history competes unless it is left out, and candidates may be few") {
  NextItemCase one{.history = some_history, .next = 2};
  const std::vector<float> scores{0.9F, 0.8F, 0.5F, 0.6F, 0.1F};
  CHECK(judged(scores, one, 10).mrr == doctest::Approx(0.25));
  one.without_history = true;
  CHECK(judged(scores, one, 10).mrr == 0.5);
  one.candidates = {4};
  CHECK(judged(scores, one, 10).mrr == 1.0);
  CHECK_THROWS_AS(judged(scores, one, 0), OptionError);
}

TEST_CASE("rules are worked out by hand") {
  const Sessions sessions = three_sessions();
  const std::vector<std::int32_t> history{1, 0};
  const History asked(history);
  std::vector<float> scores(3);
  // After a: with itself 2 (two events of one session, both ways), with b 2, with c 1.
  ItemRules(RuleKind::association, sessions).score({&asked, 1}, scores);
  CHECK(scores == std::vector<float>{2.0F, 2.0F, 1.0F});
  // a to a at distance 2, to b at 1, to c at 1.
  ItemRules(RuleKind::sequential, sessions).score({&asked, 1}, scores);
  CHECK(scores == std::vector<float>{0.5F, 1.0F, 1.0F});
  PopularNext(sessions).score({&asked, 1}, scores);
  CHECK(scores == std::vector<float>{3.0F, 1.0F, 2.0F});
}

TEST_CASE("the best items come first, equal ones by number, with the history or without") {
  const Fixed predictor({0.5F, 0.9F, 0.5F, std::numeric_limits<float>::quiet_NaN()});
  const auto best = best_next_items(predictor, some_history, 4, 3, true);
  REQUIRE(best.size() == 3);
  CHECK(best[0].item == 1);
  CHECK(best[1].item == 0);
  CHECK(best[2].item == 2);
  const auto others = best_next_items(predictor, some_history, 4, 3, false);
  REQUIRE(others.size() == 1);
  CHECK(others[0].item == 2);
}
