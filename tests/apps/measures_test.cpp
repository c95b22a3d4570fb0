// Each measure against an independent few lines, and reports made of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/report.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using Items = std::vector<std::int32_t>;

class TableRecommender : public Recommender {
 public:
  explicit TableRecommender(std::vector<std::vector<float>> scores) : scores_(std::move(scores)) {}
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override {
    const auto& row = scores_.at(static_cast<std::size_t>(user));
    for (std::size_t i = 0; i < scores.size(); ++i)
      scores[i] = row[items.empty() ? i : static_cast<std::size_t>(items[i])];
  }

 private:
  std::vector<std::vector<float>> scores_;
};

// Whole lists of relevant and other items, best first.
struct Problem {
  std::vector<std::vector<float>> scores;
  std::vector<RankingCase> cases;
  UserItems training;
  std::vector<std::vector<std::int32_t>> lists;  // by case

  Split split() const {
    Split split;
    split.cases = cases;
    split.pairs = std::make_shared<const UserItems>(training);
    return split;
  }

  explicit Problem(std::uint32_t seed) {
    std::mt19937 random(seed);
    constexpr std::int32_t users = 40, items = 25;
    Items own_users, own_items;
    for (std::int32_t user = 0; user < users; ++user) {
      Items order(items);
      for (std::int32_t item = 0; item < items; ++item)
        order[static_cast<std::size_t>(item)] = item;
      std::ranges::shuffle(order, random);
      const auto had = 1 + static_cast<std::ptrdiff_t>(random() % 6);
      const auto relevant = had + 1 + static_cast<std::ptrdiff_t>(random() % 4);
      for (auto item = order.begin(); item != order.begin() + had; ++item) {
        own_users.push_back(user);
        own_items.push_back(*item);
      }
      cases.push_back({user, {order.begin() + had, order.begin() + relevant}, {}});
      if (random() % 3 == 0)
        cases.back().candidates.assign(order.begin() + relevant, order.end() - 2);
      auto& row = scores.emplace_back();
      for (std::int32_t item = 0; item < items; ++item)
        row.push_back(random() % 15 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                         : static_cast<float>(random() % 9));
      Items list(order.begin() + had,
                 cases.back().candidates.empty() ? order.end() : order.end() - 2);
      const auto value = [&](std::int32_t item) {
        const float score = row[static_cast<std::size_t>(item)];
        return std::isnan(score) ? -1e30 : static_cast<double>(score);
      };
      std::ranges::sort(list, [&](std::int32_t a, std::int32_t b) {
        const bool a_is = is_relevant(cases.back(), a), b_is = is_relevant(cases.back(), b);
        if (value(a) != value(b)) return value(a) > value(b);
        return a_is != b_is ? b_is : a < b;
      });
      lists.push_back(list);
    }
    training = UserItems(users, items, own_users, own_items);
  }
  static bool is_relevant(const RankingCase& one, std::int32_t item) {
    return std::ranges::count(one.relevant, item) > 0;
  }
};

double expected(Measure measure, const RankingCase& one, const Items& list, std::size_t k) {
  double hits = 0.0, dcg = 0.0, ideal = 0.0, precisions = 0.0, first = 0.0, right = 0.0,
         pairs = 0.0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double rank = static_cast<double>(i) + 1.0;
    if (i < k && i < one.relevant.size()) ideal += 1.0 / std::log2(rank + 1.0);
    if (!Problem::is_relevant(one, list[i])) continue;
    for (std::size_t j = 0; j < list.size(); ++j) {
      if (Problem::is_relevant(one, list[j])) continue;
      pairs += 1.0;
      right += j > i ? 1.0 : 0.0;
    }
    if (i >= k) continue;
    hits += 1.0;
    dcg += 1.0 / std::log2(rank + 1.0);
    precisions += hits / rank;
    if (first == 0.0) first = 1.0 / rank;
  }
  const auto relevant = static_cast<double>(one.relevant.size());
  switch (measure) {
    case Measure::hit_rate:
      return hits > 0.0 ? 1.0 : 0.0;
    case Measure::recall:
      return hits / relevant;
    case Measure::precision:
      return hits / static_cast<double>(k);
    case Measure::ndcg:
      return dcg / ideal;
    case Measure::mrr:
      return first;
    case Measure::map:
      return precisions / std::min(relevant, static_cast<double>(k));
    case Measure::auc:
      return right / pairs;
  }
  return 0.0;
}

TEST_CASE("every measure is that of a few lines over the sorted list") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Problem problem(seed);
    const TableRecommender recommender(problem.scores);
    const auto ranked = rank_cases(recommender, problem.cases, problem.training, 12, 1);
    const auto again = rank_cases(recommender, problem.cases, problem.training, 12, 3);
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      CHECK(ranked[i].ranks == again[i].ranks);
      CHECK(ranked[i].top == again[i].top);
      const Items& list = problem.lists[i];
      CHECK(ranked[i].top ==
            Items(list.begin(), list.begin() + std::min<std::ptrdiff_t>(
                                                   12, static_cast<std::ptrdiff_t>(list.size()))));
      CHECK(static_cast<std::size_t>(ranked[i].competitors) + ranked[i].ranks.size() ==
            list.size());
      for (const int k : {1, 3, 10, 100}) {
        for (const Measure measure : all_measures) {
          CAPTURE(std::string(name_of(measure)));
          CHECK(measure_of(measure, ranked[i].ranks, ranked[i].competitors, k) ==
                doctest::Approx(
                    expected(measure, problem.cases[i], list, static_cast<std::size_t>(k))));
        }
      }
    }
  }
  CHECK(measure_of(Measure::auc, std::vector<Index>{1}, 0, 10) == 0.5);
}

TEST_CASE("coverage, Gini coefficient and novelty of lists are worked out by hand") {
  // Items 0 and 1 have 2 and 1 of 2 users; nobody has 2 and 3.
  const UserItems training(2, 4, Items{0, 1, 0}, Items{0, 0, 1});
  std::vector<RankedCase> cases(2);
  cases[0].top = {0, 2, 3};
  cases[1].top = {0, 1};
  const ListMeasures lists = measures_of_lists(cases, training, 2);
  CHECK(lists.coverage == doctest::Approx(0.75));
  // Shown 0, 1, 1, 2 times: Σ (2i - n - 1) x_i / (n Σx) = (-1 + 1 + 6) / 16.
  CHECK(lists.gini == doctest::Approx(6.0 / 16.0));
  CHECK(lists.novelty == doctest::Approx((0.0 + 2.0 + 0.0 + 1.0) / 4.0));
  CHECK(measures_of_lists({}, training, 2).coverage == 0.0);
}

TEST_CASE("95 of 100 intervals hold the mean, and equal seeds give equal ones") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0.3, 1.0);
  int held = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<double> values(150);
    for (double& value : values) value = normal(random);
    const Estimate estimate = estimate_of(values, static_cast<std::uint64_t>(round));
    held += estimate.low <= 0.3 && 0.3 <= estimate.high ? 1 : 0;
    CHECK(estimate_of(values, 7).low == estimate_of(values, 7).low);
  }
  CHECK(held >= 180);
  CHECK(held <= 199);
  CHECK(estimate_of({}).mean == 0.0);
}

TEST_CASE("a report has its parts, and a comparison tells better from worse") {
  const Problem problem(4);
  const TableRecommender recommender(problem.scores);
  const auto ranked = rank_cases(recommender, problem.cases, problem.training, 10, 2);
  const Report report = make_report(ranked, problem.split(), {5, 10});
  REQUIRE(report.parts.size() == 5);
  CHECK(report.parts[3].cases + report.parts[4].cases == 40);
  nlohmann::json json;
  add_report(json, report);
  CHECK(json["measures"].contains("Recall@10"));
  CHECK(json["measures"].contains("AUC"));
  CHECK(to_text(report).find("tail items") != std::string::npos);
  CHECK_THROWS_AS(make_report(ranked, problem.split(), {}), OptionError);
  std::vector<RankedCase> better = ranked;
  for (RankedCase& one : better) {
    for (std::size_t i = 0; i < one.ranks.size(); ++i) one.ranks[i] = static_cast<Index>(i) + 1;
  }
  CHECK(compare(better, ranked, 5).is_better());
  CHECK(compare(ranked, better, 5).is_worse());
  CHECK(!compare(ranked, ranked, 5).is_worse());
  CHECK_THROWS_AS(compare(ranked, std::span(better).first(3), 5), DataError);
}

TEST_CASE("evaluate exits with 3 where a model is worse than another by more than the margin") {
  const TestFiles files;
  std::string text = "user,item\n";
  for (int user = 0; user < 30; ++user) {
    for (int step = 0; step < 6; ++step)
      text += "u" + std::to_string(user) + ",i" +
              std::to_string((user % 2 + 2 * ((user / 2 + step * step) % 9)) % 18) + "\n";
  }
  const std::string data = " --data " + program_tools::shell_quoted(files.write("e.csv", text));
  const auto run = [&](const std::string& arguments) {
    return program_tools::run_program(TAPEGRAD_RECOMMEND, arguments);
  };
  const std::string good = program_tools::shell_quoted(files.path("good.tg"));
  const std::string bad = program_tools::shell_quoted(files.path("bad.tg"));
  REQUIRE(run("train --quiet --model item-knn --neighbours 20 --shrinkage 0 --weighting cosine" +
              data + " --out " + good)
              .code == 0);
  REQUIRE(run("train --quiet --model popularity" + data + " --out " + bad).code == 0);
  const std::string evaluate = "evaluate --quiet --json" + data;
  CHECK(run(evaluate + " --model-file " + good + " --against " + bad).code == 0);
  const auto worse = run(evaluate + " --model-file " + bad + " --against " + good);
  CHECK_MESSAGE(worse.code == 3, worse.text);
  CHECK(nlohmann::json::parse(program_tools::last_line(worse.text))["against"]["difference"] < 0.0);
  CHECK(run(evaluate + " --model-file " + bad + " --against " + good + " --margin 1").code == 0);
  const auto details = run(evaluate + " --details --at 3,5 --model-file " + good);
  CHECK(details.code == 0);
  const auto json = nlohmann::json::parse(program_tools::last_line(details.text));
  CHECK(json["measures"]["HR@10"]["mean"] == json["hr@10"]);
  CHECK(json["measures"]["NDCG@10"]["mean"].get<double>() ==
        doctest::Approx(json["ndcg@10"].get<double>()));
  CHECK(json["measures"].contains("MAP@3"));
  for (const auto& [arguments, says] :
       std::map<std::string, std::string>{{" --at 5", "--at has no effect without --details"},
                                          {" --details --at x", "--at: expected whole numbers"},
                                          {" --margin 0.1", "--margin has no effect without"},
                                          {" --margin 2 --against " + bad, "--margin must be"}}) {
    const auto outcome = run(evaluate + arguments + " --model-file " + good);
    CHECK(outcome.code == 2);
    CHECK_MESSAGE(outcome.text.find(says) != std::string::npos, outcome.text);
  }
}

}  // namespace
}  // namespace tapegrad::apps
