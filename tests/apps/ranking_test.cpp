#include <doctest/doctest.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <utility>

namespace tapegrad::apps {
namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

// Scores from a table of users by items.
class TableRecommender : public Recommender {
 public:
  explicit TableRecommender(std::vector<std::vector<float>> scores) : scores_(std::move(scores)) {}

  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override {
    const std::vector<float>& row = scores_.at(static_cast<std::size_t>(user));
    for (std::size_t i = 0; i < scores.size(); ++i)
      scores[i] = row[items.empty() ? i : static_cast<std::size_t>(items[i])];
  }

 private:
  std::vector<std::vector<float>> scores_;
};

using Ranks = std::vector<Index>;

TEST_CASE("ties and NaN count against the model") {
  CHECK(ranks_of_relevant(std::vector{3.0F}, std::vector{1.0F, 3.0F, 5.0F, not_a_number}) ==
        Ranks{3});
  CHECK(ranks_of_relevant(std::vector{not_a_number}, std::vector{1.0F, not_a_number}) == Ranks{3});
  CHECK(ranks_of_relevant(std::vector{0.0F}, std::vector<float>(99, 0.0F)) == Ranks{100});
  CHECK(ranks_of_relevant(std::vector{1.0F, 4.0F, 2.0F}, std::vector{2.0F, 3.0F}) ==
        Ranks{1, 4, 5});
  CHECK(ranks_of_relevant(std::vector{2.0F, 2.0F}, std::vector{1.0F}) == Ranks{1, 2});
}

TEST_CASE("the metrics of known ranks") {
  const RankingMetrics one = metrics_of_ranks(Ranks{3}, 10);
  CHECK(one.hit_rate == 1.0);
  CHECK(one.ndcg == doctest::Approx(0.5));  // 1 / log2(4)
  CHECK(one.mrr == doctest::Approx(1.0 / 3.0));
  const RankingMetrics none = metrics_of_ranks(Ranks{11}, 10);
  CHECK(none.hit_rate + none.ndcg + none.mrr == 0.0);
  // Relevant items on ranks 1 and 3 of two: (1 + 1/2) / (1 + 1/log2(3)).
  CHECK(metrics_of_ranks(Ranks{1, 3}, 3).ndcg ==
        doctest::Approx(1.5 / (1.0 + 1.0 / std::log2(3.0))));
  // With more relevant items than k the ideal is cut at k.
  CHECK(metrics_of_ranks(Ranks{1, 2, 3}, 2).ndcg == doctest::Approx(1.0));
}

// The metrics by sorting: worst first among equals means that competitors stand before relevant
// items.
RankingMetrics sorted_metrics(const std::vector<float>& row, const RankingCase& one,
                              const UserItems& training, int k) {
  struct Entry {
    double score;
    bool relevant;
  };
  const auto is_relevant = [&](std::int32_t item) {
    return std::find(one.relevant.begin(), one.relevant.end(), item) != one.relevant.end();
  };
  std::vector<Entry> list;
  for (std::int32_t item = 0; item < training.item_count(); ++item) {
    const bool listed =
        one.candidates.empty()
            ? !training.contains(one.user, item)
            : std::find(one.candidates.begin(), one.candidates.end(), item) != one.candidates.end();
    if (!listed && !is_relevant(item)) continue;
    const float score = row[static_cast<std::size_t>(item)];
    list.push_back({std::isnan(score) ? -1e30 : score, is_relevant(item)});
  }
  std::sort(list.begin(), list.end(), [](const Entry& a, const Entry& b) {
    return a.score != b.score ? a.score > b.score : a.relevant < b.relevant;
  });
  RankingMetrics metrics;
  double ideal = 0.0;
  for (std::size_t i = 0; i < list.size() && i < static_cast<std::size_t>(k); ++i) {
    const double position = static_cast<double>(i) + 1.0;
    if (i < one.relevant.size()) ideal += 1.0 / std::log2(1.0 + position);
    if (!list[i].relevant) continue;
    metrics.ndcg += 1.0 / std::log2(1.0 + position);
    if (metrics.hit_rate == 0.0) metrics.mrr = 1.0 / position;
    metrics.hit_rate = 1.0;
  }
  metrics.ndcg /= ideal;
  return metrics;
}

struct RandomProblem {
  std::vector<std::vector<float>> scores;
  UserItems training;
  std::vector<RankingCase> cases;

  explicit RandomProblem(std::uint32_t seed) {
    constexpr std::int32_t user_count = 50;
    constexpr std::int32_t item_count = 20;
    std::mt19937 random(seed);
    std::vector<std::int32_t> users, items;
    for (std::int32_t user = 0; user < user_count; ++user) {
      std::vector<std::int32_t> order(item_count);
      for (std::int32_t item = 0; item < item_count; ++item)
        order[static_cast<std::size_t>(item)] = item;
      std::shuffle(order.begin(), order.end(), random);
      // Items 0-3 of the order are trained on, the next 1-3 relevant, the next candidates (or
      // none).
      const auto relevant_end = order.begin() + 5 + static_cast<std::ptrdiff_t>(random() % 3);
      users.insert(users.end(), 4, user);
      items.insert(items.end(), order.begin(), order.begin() + 4);
      cases.push_back({user, {order.begin() + 4, relevant_end}, {}});
      if (random() % 2 == 0) cases.back().candidates.assign(relevant_end, order.end() - 3);
      std::vector<float>& row = scores.emplace_back();
      for (std::int32_t item = 0; item < item_count; ++item) {
        // Few different values, so that many are tied.
        row.push_back(random() % 12 == 0 ? not_a_number : static_cast<float>(random() % 8));
      }
    }
    training = UserItems(user_count, item_count, users, items);
  }
};

TEST_CASE("the evaluation agrees with sorting each list") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const RandomProblem problem(seed);
    for (const int k : {1, 3, 10, 100}) {
      CAPTURE(k);
      RankingMetrics expected;
      for (const RankingCase& one : problem.cases) {
        const auto part = sorted_metrics(problem.scores[static_cast<std::size_t>(one.user)], one,
                                         problem.training, k);
        expected.hit_rate += part.hit_rate / 50.0;
        expected.ndcg += part.ndcg / 50.0;
        expected.mrr += part.mrr / 50.0;
      }
      const auto got =
          evaluate_ranking(TableRecommender(problem.scores), problem.cases, problem.training, k, 1);
      CHECK(got.hit_rate == doctest::Approx(expected.hit_rate));
      CHECK(got.ndcg == doctest::Approx(expected.ndcg));
      CHECK(got.mrr == doctest::Approx(expected.mrr));
      CHECK(got.cases == 50);
    }
  }
}

TEST_CASE("any number of threads gives the same bits") {
  RandomProblem problem(7);
  const std::vector<RankingCase> once = problem.cases;
  for (int i = 0; i < 20; ++i) problem.cases.insert(problem.cases.end(), once.begin(), once.end());
  const TableRecommender recommender(problem.scores);
  const RankingMetrics one = evaluate_ranking(recommender, problem.cases, problem.training, 5, 1);
  for (const int threads : {2, 3, 8}) {
    const RankingMetrics many =
        evaluate_ranking(recommender, problem.cases, problem.training, 5, threads);
    CHECK(many.hit_rate == one.hit_rate);
    CHECK(many.ndcg == one.ndcg);
    CHECK(many.mrr == one.mrr);
  }
}

TEST_CASE("what a recommender throws comes through, and k and threads are checked") {
  const RandomProblem problem(1);
  const TableRecommender empty({});
  CHECK_THROWS_AS(evaluate_ranking(empty, problem.cases, problem.training, 5, 2),
                  std::out_of_range);
  CHECK_THROWS_AS(evaluate_ranking(empty, problem.cases, problem.training, 0, 1), OptionError);
  CHECK_THROWS_AS(evaluate_ranking(empty, problem.cases, problem.training, 5, 0), OptionError);
  CHECK(evaluate_ranking(empty, {}, problem.training, 5, 2).cases == 0);
}

TEST_CASE("the first k items leave out what was seen and order ties by number") {
  const UserItems training(1, 6, std::vector<std::int32_t>{0}, std::vector<std::int32_t>{4});
  const TableRecommender recommender({{1.0F, 3.0F, not_a_number, 3.0F, 9.0F, 2.0F}});
  const auto items = [](const std::vector<Scored>& list) {
    std::vector<std::int32_t> result;
    for (const Scored& scored : list) result.push_back(scored.item);
    return result;
  };
  CHECK(items(top_k(recommender, 0, training, 3)) == std::vector<std::int32_t>{1, 3, 5});
  CHECK(items(top_k(recommender, 0, training, 2, true)) == std::vector<std::int32_t>{4, 1});
  CHECK(items(top_k(recommender, 0, training, 99)) == std::vector<std::int32_t>{1, 3, 5, 0});
  CHECK_THROWS_AS(top_k(recommender, 1, training, 3), OptionError);
  CHECK_THROWS_AS(top_k(recommender, 0, training, 0), OptionError);
}

TEST_CASE("a result says protocol, tie rule and data") {
  Split split;
  split.cases = {{0, {1}, {0}}};
  split.protocol = "loo";
  split.description = "a sentence";
  split.fingerprint = "0123456789abcdef";
  split.had = std::make_shared<const UserItems>(1, 2, std::span<const std::int32_t>(),
                                                std::span<const std::int32_t>());
  const RankingResult result =
      result_of(rank_cases(TableRecommender({{1.0F, 2.0F}}), split.cases, *split.had, 0, 1),
                "table", split, 10);
  CHECK(to_text(result) ==
        "table: HR@10 1.0000 NDCG@10 1.0000 MRR@10 1.0000 (1 cases, protocol loo, repeated "
        "items dropped, ties count against the model, data "
        "0123456789abcdef)");
  const nlohmann::json json = to_json(result);
  CHECK(json["protocol"] == "loo");
  CHECK(json["repeat_items"] == "drop");
  CHECK(json["ties"] == "ties count against the model");
  CHECK(json["data"] == "0123456789abcdef");
  CHECK(json["hr@10"] == 1.0);
}

}  // namespace
}  // namespace tapegrad::apps
