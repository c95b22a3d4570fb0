// Judging of next items, and the rules that are counted.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include <tapegrad/apps/baselines/item_rules.h>
#include <tapegrad/apps/baselines/next_popularity.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/graph/random.h>

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

const std::vector<std::int32_t> some_history{0, 1}, second{2};

NextItemMetrics judged(std::vector<float> scores, NextItemCase one, int k) {
  const auto items = static_cast<Index>(scores.size());
  return metrics_of(rank_next_items(Fixed(std::move(scores)), {&one, 1}, items, 1), k);
}

Sessions three_sessions() {
  Sessions sessions;
  for (const char* item : {"a", "b", "c"}) sessions.items.insert(item);
  sessions.add("1", {.items = std::vector<std::int32_t>{0, 1, 0}});
  sessions.add("2", {.items = std::vector<std::int32_t>{0, 2}});
  sessions.add("3", {.items = std::vector<std::int32_t>{2}});
  return sessions;
}

}  // namespace

TEST_CASE("ties count against the model, and their mean over all orders is told beside") {
  const NextItemCase one{.history = {some_history}, .relevant = second};
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
  NextItemCase one{.history = {some_history}, .relevant = second};
  const std::vector<float> scores{0.9F, 0.8F, 0.5F, 0.6F, 0.1F};
  CHECK(judged(scores, one, 10).mrr == doctest::Approx(0.25));
  one.without_history = true;
  CHECK(judged(scores, one, 10).mrr == 0.5);
  one.candidates = {4};
  CHECK(judged(scores, one, 10).mrr == 1.0);
  CHECK_THROWS_AS(judged(scores, one, 0), OptionError);
}

TEST_CASE("ranks agree with sorting, for one item or a basket, and what is not known is missed") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    std::vector<float> scores(30);
    for (float& score : scores) score = static_cast<float>(random.below(12));
    std::vector<std::int32_t> order(30);
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(std::span(order));
    const std::vector<std::int32_t> relevant(order.begin(), order.begin() + 1 + random.below(4));
    const std::vector<std::int32_t> history(order.begin() + 2, order.begin() + 8);
    const NextItemCase one{.history = {history},
                           .relevant = relevant,
                           .unseen = random.below(2),
                           .without_history = random.below(2) == 1};
    const auto is = [](const std::vector<std::int32_t>& list, std::int32_t item) {
      return std::ranges::find(list, item) != list.end();
    };
    // All that compete, worst among equals first the ones that were asked for.
    std::vector<std::int32_t> all;
    for (std::int32_t item = 0; item < 30; ++item) {
      if (is(relevant, item) || !one.without_history || !is(history, item)) all.push_back(item);
    }
    std::ranges::sort(all, [&](std::int32_t a, std::int32_t b) {
      const float x = scores[static_cast<std::size_t>(a)], y = scores[static_cast<std::size_t>(b)];
      return x != y ? x > y : !is(relevant, a) && is(relevant, b);
    });
    std::vector<Index> expected;
    for (std::size_t place = 0; place < all.size(); ++place) {
      if (is(relevant, all[place])) expected.push_back(static_cast<Index>(place) + 1);
    }
    expected.resize(expected.size() + static_cast<std::size_t>(one.unseen), never);
    const auto ranked = rank_next_items(Fixed(scores), {&one, 1}, 30, 2);
    CHECK(ranked[0].ranks == expected);
    CHECK(ranked[0].is_known == (one.unseen == 0));
  }
  // Nothing is predicted from nothing.
  const NextItemCase empty{.relevant = second};
  const NextItemMetrics missed = judged({0.1F, 0.2F, 0.9F}, empty, 3);
  CHECK(missed.recall == 0.0);
  CHECK(missed.cases == 1);
}

TEST_CASE("intervals are those of whole sessions") {
  // Ten sessions with equal cases: the cases of one say the same, so only ten things are known.
  std::vector<RankedNext> cases;
  for (Index session = 0; session < 10; ++session) {
    for (int i = 0; i < 100; ++i)
      cases.push_back({.session = session, .ranks = {session % 2 == 0 ? 1 : 5}});
  }
  const auto hit = [&](std::size_t i) { return measure_of(Measure::recall, cases[i].ranks, 0, 1); };
  const Estimate estimate = estimate_by_session(cases, hit);
  CHECK(estimate.mean == 0.5);
  CHECK(estimate.low <= 0.3);
  CHECK(estimate.high >= 0.7);
  const Comparison same = compare(cases, cases, Measure::recall, 1);
  CHECK(same.difference.low == 0.0);
  CHECK(!same.is_better());
}

TEST_CASE("rules are worked out by hand") {
  const Sessions sessions = three_sessions();
  const std::vector<std::int32_t> history{1, 0};
  const History asked{history};
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
  const auto best = best_next_items(predictor, {some_history}, 4, 3, true);
  REQUIRE(best.size() == 3);
  CHECK(best[0].item == 1);
  CHECK(best[1].item == 0);
  CHECK(best[2].item == 2);
  const auto others = best_next_items(predictor, {some_history}, 4, 3, false);
  REQUIRE(others.size() == 1);
  CHECK(others[0].item == 2);
}
