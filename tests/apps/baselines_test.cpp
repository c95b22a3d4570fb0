#include <doctest/doctest.h>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/data/errors.h>
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>

namespace tapegrad::apps {
namespace {

UserItems random_pairs(std::uint32_t seed, std::uint32_t users, std::uint32_t items,
                       std::uint32_t events) {
  std::mt19937 random(seed);
  std::vector<std::int32_t> event_users, event_items;
  for (std::uint32_t n = 0; n < events; ++n) {
    event_users.push_back(static_cast<std::int32_t>(random() % users));
    event_items.push_back(static_cast<std::int32_t>(random() % items));
  }
  return UserItems(users, items, event_users, event_items);
}

std::shared_ptr<const UserItems> shared(const UserItems& pairs) {
  return std::make_shared<const UserItems>(pairs);
}

std::vector<float> all_scores(const Recommender& recommender, std::int32_t user, Index items) {
  std::vector<float> scores(static_cast<std::size_t>(items));
  recommender.score(user, {}, scores);
  return scores;
}

TEST_CASE("popularity counts distinct users") {
  const UserItems training(3, 3, std::vector<std::int32_t>{0, 0, 0, 1, 2},
                           std::vector<std::int32_t>{1, 1, 0, 1, 1});
  const PopularityRecommender popularity(training);
  CHECK(all_scores(popularity, 0, 3) == std::vector<float>{1.0F, 3.0F, 0.0F});
  std::vector<float> some(2);
  popularity.score(2, std::vector<std::int32_t>{2, 1}, some);
  CHECK(some == std::vector<float>{0.0F, 3.0F});
}

TEST_CASE("ease of two items is worked out by hand") {
  // X = [1 1; 1 0]: G = [2 1; 1 1] + I = [3 1; 1 2], P = [2 -1; -1 3] / 5, so B_01 = 1/3 and B_10 =
  // 1/2.
  const UserItems training(2, 2, std::vector<std::int32_t>{0, 0, 1},
                           std::vector<std::int32_t>{0, 1, 0});
  EaseOptions options;
  options.lambda = 1.0;
  const EaseRecommender ease(shared(training), options);
  CHECK(ease.row(0)[0] == 0.0F);
  CHECK(ease.row(1)[1] == 0.0F);
  CHECK(ease.row(0)[1] == doctest::Approx(1.0 / 3.0));
  CHECK(ease.row(1)[0] == doctest::Approx(0.5));
  CHECK(all_scores(ease, 0, 2)[0] == doctest::Approx(0.5));
  CHECK(all_scores(ease, 1, 2)[1] == doctest::Approx(1.0 / 3.0));
}

TEST_CASE("ease agrees with the formula over random data, across block borders") {
  std::uint32_t seed = 1;
  for (const std::uint32_t items : {1U, 7U, 128U, 129U, 300U}) {
    CAPTURE(seed);
    CAPTURE(items);
    const UserItems training = random_pairs(seed++, 60, items, 20 * items);
    Eigen::MatrixXd pairs = Eigen::MatrixXd::Zero(60, items);
    for (Index user = 0; user < 60; ++user) {
      for (const std::int32_t item : training.of(user)) pairs(user, item) = 1.0;
    }
    EaseOptions options;
    options.lambda = 3.5;
    const Eigen::MatrixXd gram =
        pairs.transpose() * pairs + 3.5 * Eigen::MatrixXd::Identity(items, items);
    const Eigen::MatrixXd inverse = gram.inverse();
    Eigen::MatrixXd weights = -inverse * inverse.diagonal().cwiseInverse().asDiagonal();
    weights.diagonal().setZero();
    const Eigen::MatrixXd expected = pairs * weights;
    const EaseRecommender ease(shared(training), options);
    double largest = 0.0;
    for (std::int32_t user = 0; user < 60; ++user) {
      const std::vector<float> scores = all_scores(ease, user, items);
      for (Index item = 0; item < items; ++item) {
        largest =
            std::max(largest, std::abs(static_cast<double>(scores[static_cast<std::size_t>(item)]) -
                                       expected(user, item)));
      }
    }
    CHECK(largest < 2e-5);
  }
}

TEST_CASE("ease gives the same bits for any number of threads and any choice of items") {
  const UserItems training = random_pairs(5, 80, 300, 4000);
  EaseOptions options;
  options.lambda = 10.0;
  const EaseRecommender one(shared(training), options);
  options.threads = 3;
  const EaseRecommender three(shared(training), options);
  for (std::int32_t user = 0; user < 80; ++user) {
    const std::vector<float> scores = all_scores(one, user, 300);
    CHECK(scores == all_scores(three, user, 300));
    const std::vector<std::int32_t> items = {299, 0, 17};
    std::vector<float> some(3);
    one.score(user, items, some);
    CHECK(some == std::vector<float>{scores[299], scores[0], scores[17]});
  }
}

TEST_CASE("ease refuses options out of range") {
  const UserItems training = random_pairs(1, 5, 6, 20);
  for (const double lambda : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(EaseRecommender(shared(training), EaseOptions{.lambda = lambda}), OptionError);
  }
  CHECK_THROWS_AS(EaseRecommender(shared(training), EaseOptions{.lambda = 1.0, .threads = 0}),
                  OptionError);
  CHECK_THROWS_AS(EaseRecommender(shared(training), EaseOptions{.lambda = 1.0, .maximum_items = 5}),
                  OptionError);
}

}  // namespace
}  // namespace tapegrad::apps
