// Neighbours of items, alternating least squares and products of vectors.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include <Eigen/Dense>

#include <tapegrad/apps/baselines/ials.h>
#include <tapegrad/apps/baselines/item_knn.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/softmax_fold_in.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

UserItems random_pairs(std::uint32_t seed, std::uint32_t users, std::uint32_t items, int events,
                       bool weighted) {
  std::mt19937 random(seed);
  std::vector<std::int32_t> own_users, own_items;
  std::vector<float> weights;
  for (int n = 0; n < events; ++n) {
    own_users.push_back(static_cast<std::int32_t>(random() % users));
    own_items.push_back(static_cast<std::int32_t>(random() % items));
    if (weighted) weights.push_back(static_cast<float>(1 + random() % 5));
  }
  return {static_cast<Index>(users), static_cast<Index>(items), own_users, own_items, weights};
}

MatrixXd dense(const UserItems& pairs) {
  MatrixXd matrix = MatrixXd::Zero(pairs.user_count(), pairs.item_count());
  for (Index user = 0; user < pairs.user_count(); ++user) {
    for (std::size_t at = 0; at < pairs.of(user).size(); ++at)
      matrix(user, pairs.of(user)[at]) =
          pairs.has_weights() ? static_cast<double>(pairs.weights_of(user)[at]) : 1.0;
  }
  return matrix;
}

TEST_CASE("item-knn has the similarities of a few lines, the best first, itself among them") {
  for (const bool weighted : {false, true}) {
    for (const KnnWeighting weighting : {KnnWeighting::cosine, KnnWeighting::bm25}) {
      for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        CAPTURE(weighted);
        const UserItems pairs = random_pairs(seed, 30, 17, 120, weighted);
        const double shrinkage = 2.5;
        MatrixXd x = dense(pairs);
        const VectorXd users_of = (x.array() > 0.0).cast<double>().colwise().sum();
        if (weighting == KnnWeighting::bm25) {
          const VectorXd lengths = x.colwise().sum();
          for (Index user = 0; user < x.rows(); ++user) {
            const double idf =
                std::log(17.0 / (1.0 + (x.row(user).array() > 0.0).cast<double>().sum()));
            for (Index item = 0; item < x.cols(); ++item) {
              const double norm = 0.25 + 0.75 * lengths[item] / lengths.mean();
              x(user, item) *= idf * 2.2 / (x(user, item) + 1.2 * norm);
            }
          }
        }
        MatrixXd expected = x.transpose() * x;
        for (Index i = 0; i < expected.rows(); ++i) {
          for (Index j = 0; j < expected.cols(); ++j)
            expected(i, j) /= weighting == KnnWeighting::cosine
                                  ? x.col(i).norm() * x.col(j).norm() + shrinkage
                                  : 1.0 + shrinkage / std::sqrt(users_of[i] * users_of[j]);
        }
        const Neighbours found = find_neighbours(
            pairs, {.weighting = weighting, .neighbours = 4, .shrinkage = shrinkage});
        for (Index item = 0; item < 17; ++item) {
          const auto begin =
              static_cast<std::size_t>(found.offsets[static_cast<std::size_t>(item)]);
          const auto end =
              static_cast<std::size_t>(found.offsets[static_cast<std::size_t>(item) + 1]);
          if (users_of[item] == 0.0) {
            CHECK(begin == end);
            continue;
          }
          CHECK(end - begin <= 5);
          CHECK(found.items[begin] == item);
          std::vector<double> others;
          for (Index other = 0; other < 17; ++other) {
            if (other != item && expected(item, other) > 0.0)
              others.push_back(expected(item, other));
          }
          std::ranges::sort(others, std::greater<>());
          REQUIRE(end - begin == 1 + std::min<std::size_t>(4, others.size()));
          for (std::size_t at = begin; at < end; ++at) {
            CHECK(found.similarities[at] ==
                  doctest::Approx(expected(item, found.items[at])).epsilon(1e-5));
            if (at > begin)
              CHECK(found.similarities[at] ==
                    doctest::Approx(others[at - begin - 1]).epsilon(1e-5));
          }
        }
      }
    }
  }
}

TEST_CASE("item-knn gives the same bits for any number of threads, and sums over a history") {
  const auto pairs = std::make_shared<const UserItems>(random_pairs(3, 200, 300, 3000, true));
  const Neighbours one = find_neighbours(*pairs, {.neighbours = 10});
  const auto three =
      std::make_shared<const Neighbours>(find_neighbours(*pairs, {.neighbours = 10, .threads = 3}));
  CHECK(one.items == three->items);
  CHECK(one.similarities == three->similarities);
  const ItemKnnRecommender recommender(pairs, three);
  std::vector<float> scores(300), some(2), person(300);
  recommender.score(7, {}, scores);
  recommender.score(7, std::vector<std::int32_t>{299, 4}, some);
  CHECK(some == std::vector<float>{scores[299], scores[4]});
  CHECK(recommender.score_person({pairs->of(7), pairs->weights_of(7)}, person));
  CHECK(person == scores);
  CHECK(!recommender.score_person({}, person));
  for (const ItemKnnOptions& bad : {ItemKnnOptions{.neighbours = 0},
                                    ItemKnnOptions{.shrinkage = -1}, ItemKnnOptions{.threads = 0}})
    CHECK_THROWS_AS(find_neighbours(*pairs, bad), OptionError);
}

// The solution for one row of pairs with `others` fixed, in double.
VectorXd exact_row(const UserItems& pairs, Index row, const MatrixXd& others,
                   const IalsOptions& options) {
  MatrixXd matrix = options.alpha * others.transpose() * others;
  VectorXd right = VectorXd::Zero(others.cols());
  double sum = 0.0;
  for (std::size_t at = 0; at < pairs.of(row).size(); ++at) {
    const double weight =
        pairs.has_weights() ? static_cast<double>(pairs.weights_of(row)[at]) : 1.0;
    const VectorXd q = others.row(pairs.of(row)[at]);
    matrix += weight * q * q.transpose();
    right += weight * q;
    sum += weight;
  }
  const double ridge = options.lambda * (sum + options.alpha * static_cast<double>(others.rows()));
  matrix.diagonal().array() += ridge;
  return matrix.ldlt().solve(right);
}

TEST_CASE("half a sweep of ials, repeated, ends at the least squares of each user") {
  for (const bool weighted : {false, true}) {
    const UserItems pairs = random_pairs(5, 70, 40, 500, weighted);
    const IalsOptions options{.factors = 6, .lambda = 0.02, .alpha = 0.3};
    std::mt19937 random(1);
    std::vector<float> items(40 * 6), users(70 * 6, 0.0F);
    for (float& value : items) value = static_cast<float>(random() % 1000) / 500.0F - 1.0F;
    for (int step = 0; step < 12; ++step) improve_rows(pairs, items, options, users);
    const MatrixXd fixed =
        Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            items.data(), 40, 6)
            .cast<double>();
    const IalsFoldIn fold_in(items, 6, options.lambda, options.alpha);
    std::vector<float> folded(6);
    for (Index user = 0; user < 70; ++user) {
      const VectorXd expected = exact_row(pairs, user, fixed, options);
      for (Index i = 0; i < 6; ++i)
        CHECK(static_cast<double>(users[static_cast<std::size_t>(user * 6 + i)]) ==
              doctest::Approx(expected[i]).epsilon(1e-3).scale(0.1));
      const Person person{pairs.of(user), pairs.weights_of(user)};
      if (!fold_in(person, folded)) continue;
      for (Index i = 0; i < 6; ++i)
        CHECK(static_cast<double>(folded[static_cast<std::size_t>(i)]) ==
              doctest::Approx(expected[i]).epsilon(1e-4).scale(0.1));
    }
  }
}

TEST_CASE("each sweep of ials lowers its loss, and threads change no bits") {
  const UserItems pairs = random_pairs(9, 100, 60, 900, true);
  IalsOptions options{.factors = 8, .lambda = 0.01, .alpha = 0.2, .sweeps = 1, .seed = 3};
  const MatrixXd x = dense(pairs);
  const auto loss = [&](const IalsVectors& vectors) {
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const MatrixXd p = Eigen::Map<const Rows>(vectors.users.data(), 100, 8).cast<double>();
    const MatrixXd q = Eigen::Map<const Rows>(vectors.items.data(), 60, 8).cast<double>();
    const MatrixXd scores = p * q.transpose();
    double sum = options.alpha * scores.squaredNorm();
    sum += (x.array() * (1.0 - scores.array()).square()).sum();
    for (Index u = 0; u < 100; ++u)
      sum += options.lambda * (x.row(u).sum() + options.alpha * 60.0) * p.row(u).squaredNorm();
    for (Index i = 0; i < 60; ++i)
      sum += options.lambda * (x.col(i).sum() + options.alpha * 100.0) * q.row(i).squaredNorm();
    return sum;
  };
  double before = 1e300;
  for (options.sweeps = 1; options.sweeps <= 6; ++options.sweeps) {
    const double now = loss(fit_ials(pairs, options));
    CHECK(now < before);
    before = now;
  }
  const IalsVectors one = fit_ials(pairs, options);
  options.threads = 3;
  const IalsVectors three = fit_ials(pairs, options);
  CHECK(one.users == three.users);
  CHECK(one.items == three.items);
  for (const IalsOptions& bad :
       {IalsOptions{.factors = 0}, IalsOptions{.lambda = 0.0}, IalsOptions{.alpha = -1.0},
        IalsOptions{.sweeps = 0}, IalsOptions{.threads = 0}})
    CHECK_THROWS_AS(fit_ials(pairs, bad), OptionError);
}

TEST_CASE("a product's bits do not depend on how many users and items are asked for") {
  std::mt19937 random(4);
  const auto values = [&](std::size_t count) {
    std::vector<float> result(count);
    for (float& value : result) value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
    return result;
  };
  for (const Index width : {1, 3, 8, 13, 64}) {
    CAPTURE(width);
    const auto w = static_cast<std::size_t>(width);
    const std::vector<float> items = values(23 * w), biases = values(23), users = values(11 * w);
    const DotRecommender recommender(users, DotScores(items, biases, width));
    std::vector<float> all(11 * 23), one(23), some(2);
    std::vector<std::int32_t> numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    recommender.score_users(numbers, all);
    for (std::size_t user = 0; user < 11; ++user) {
      recommender.score(static_cast<std::int32_t>(user), {}, one);
      CHECK(
          std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(user * 23)));
      recommender.score(static_cast<std::int32_t>(user), std::vector<std::int32_t>{22, 5}, some);
      CHECK(some == std::vector<float>{one[22], one[5]});
      double expected = static_cast<double>(biases[5]);
      for (std::size_t i = 0; i < w; ++i)
        expected +=
            static_cast<double>(users[user * w + i]) * static_cast<double>(items[5 * w + i]);
      CHECK(static_cast<double>(one[5]) == doctest::Approx(expected).epsilon(1e-5).scale(1.0));
    }
    CHECK(!recommender.score_person({numbers, {}}, one));
  }
}

TEST_CASE("a vector that is folded in has a gradient of zero, and the ridge is that of the users") {
  std::mt19937 random(8);
  constexpr Index width = 5, count = 30, users = 12;
  std::vector<float> items(width * count), biases(count);
  for (float& value : items) value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
  for (float& value : biases) value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
  const auto pairs = std::make_shared<const UserItems>(random_pairs(2, users, count, 100, true));
  const MatrixXd q =
      Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          items.data(), count, width)
          .cast<double>();
  const VectorXd b = Eigen::Map<const Eigen::VectorXf>(biases.data(), count).cast<double>();
  const auto gradient = [&](const Person& person, const VectorXd& u) {
    VectorXd logits = q * u + b;
    logits = (logits.array() - logits.maxCoeff()).exp();
    logits /= logits.sum();
    VectorXd result = VectorXd::Zero(width);
    for (std::size_t at = 0; at < person.items.size(); ++at) {
      const auto weight = static_cast<double>(person.weights[at]);
      result += weight * (q.transpose() * logits - q.row(person.items[at]).transpose());
    }
    return result;
  };
  // Users whose vectors are minima under a ridge of 0.7.
  std::vector<float> vectors(static_cast<std::size_t>(users * width), 0.0F);
  for (Index user = 0; user < users; ++user) {
    VectorXd u = VectorXd::Zero(width);
    const Person person{pairs->of(user), pairs->weights_of(user)};
    for (int step = 0; step < 4000; ++step) u -= 0.02 * (gradient(person, u) + 0.7 * u);
    for (Index i = 0; i < width; ++i)
      vectors[static_cast<std::size_t>(user * width + i)] = static_cast<float>(u[i]);
  }
  const SoftmaxFoldIn fold_in(vectors, items, biases, pairs);
  CHECK(fold_in.ridge() == doctest::Approx(0.7).epsilon(1e-3));
  std::vector<float> folded(width);
  for (Index user = 0; user < users; ++user) {
    const Person person{pairs->of(user), pairs->weights_of(user)};
    REQUIRE(fold_in(person, folded));
    for (Index i = 0; i < width; ++i)
      CHECK(
          static_cast<double>(folded[static_cast<std::size_t>(i)]) ==
          doctest::Approx(static_cast<double>(vectors[static_cast<std::size_t>(user * width + i)]))
              .epsilon(2e-3)
              .scale(0.3));
  }
  CHECK(!fold_in({}, folded));
}

}  // namespace
}  // namespace tapegrad::apps
