// TF-IDF, linear classifiers and naive Bayes against their formulas.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/linear_classifier.h>
#include <tapegrad/apps/classification/naive_bayes.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/classes.h>
#include <tapegrad/apps/text/tfidf.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
using Words = std::vector<std::string>;

struct Drawn {
  SparseExamples examples;
  std::vector<Index> classes;
};

// Counts of 6 words, of which each class has some more often.
Drawn random_counts(std::mt19937& random, Index count, Index classes) {
  Drawn drawn;
  drawn.examples.width = 6;
  for (Index i = 0; i < count; ++i) {
    const Index own = std::uniform_int_distribution<Index>(0, classes - 1)(random);
    std::vector<FeatureEntry> row;
    for (int place = 0; place < 6; ++place) {
      const double mean = place % classes == own ? 1.5 : 0.6;
      const int times = std::poisson_distribution<int>(mean)(random);
      if (times > 0) row.push_back({place, static_cast<float>(times)});
    }
    drawn.examples.add(row);
    drawn.classes.push_back(own);
  }
  return drawn;
}

}  // namespace

TEST_CASE("TF-IDF has the words and pairs of two texts or more, as they weigh") {
  const std::vector<Words> texts{{"a", "b", "a"}, {"a", "b"}, {"c", "a"}};
  const TfIdf tfidf(texts, {.longest = 2, .min_texts = 2});
  REQUIRE(tfidf.width() == 3);  // a, b, "a b"
  CHECK(tfidf.ngram(0) == "a");
  CHECK(tfidf.ngram(1) == "b");
  CHECK(tfidf.ngram(2) == "a b");
  const double a = (1.0 + std::log(2.0)) * (1.0 + std::log(4.0 / 4.0)),
               b = 1.0 + std::log(4.0 / 3.0);
  const double norm = std::sqrt(a * a + 2.0 * b * b);
  const auto row = tfidf.row(texts[0]);
  REQUIRE(row.size() == 3);
  CHECK(static_cast<double>(row[0].value) == doctest::Approx(a / norm));
  CHECK(static_cast<double>(row[1].value) == doctest::Approx(b / norm));
  CHECK(static_cast<double>(row[2].value) == doctest::Approx(b / norm));
  CHECK(tfidf.row(Words{"x", "c"}).empty());
  CHECK(TfIdf(texts, {.longest = 1, .min_texts = 1}).width() == 3);
  CHECK(TfIdf({}, {}).width() == 0);
}

TEST_CASE("linear classifiers are where the gradient of what they minimise is zero") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const auto loss : {LinearLoss::logistic, LinearLoss::squared_hinge}) {
    for (const Index classes : {2, 3, 4}) {
      CAPTURE(classes);
      const Drawn drawn = random_counts(random, 200, classes);
      constexpr double cost = 0.7;
      // One class more, which has no examples.
      const LinearScores fitted =
          fit_linear(drawn.examples, drawn.classes, classes + 1, loss, cost);
      // The weights from what the scores of single words say.
      const std::vector<double> bias = fitted.of({});
      CHECK(std::isinf(bias[static_cast<std::size_t>(classes)]));
      for (Index c = 0; c < classes; ++c) {
        std::vector<double> gradient(7, 0.0);
        gradient[6] = bias[static_cast<std::size_t>(c)];
        for (int place = 0; place < 6; ++place) {
          const std::vector<FeatureEntry> one{{place, 1.0F}};
          gradient[static_cast<std::size_t>(place)] =
              fitted.of(one)[static_cast<std::size_t>(c)] - gradient[6];
        }
        for (Index i = 0; i < drawn.examples.count(); ++i) {
          const auto row = drawn.examples.row(i);
          const double y = drawn.classes[static_cast<std::size_t>(i)] == c ? 1.0 : -1.0;
          const double score = fitted.of(row)[static_cast<std::size_t>(c)];
          const double slope = loss == LinearLoss::logistic
                                   ? -y / (1.0 + std::exp(y * score))
                                   : -2.0 * y * std::max(0.0, 1.0 - y * score);
          gradient[6] += cost * slope;
          for (const FeatureEntry& entry : row)
            gradient[static_cast<std::size_t>(entry.place)] +=
                cost * slope * static_cast<double>(entry.value);
        }
        for (const double one : gradient) CHECK(std::abs(one) < 0.05);
      }
    }
  }
  const Drawn drawn = random_counts(random, 10, 2);
  const std::vector<Index> same(10, 1), outside(10, 2);
  CHECK_THROWS_WITH_AS(fit_linear(drawn.examples, same, 2, LinearLoss::logistic, 1.0),
                       "expected examples of two classes or more", DataError);
  CHECK_THROWS_AS(fit_linear(drawn.examples, outside, 2, LinearLoss::logistic, 1.0), DataError);
}

TEST_CASE("naive Bayes multiplies what it counts") {
  SparseExamples examples;
  examples.width = 3;
  examples.add(std::vector<FeatureEntry>{{0, 2.0F}, {1, 1.0F}});
  examples.add(std::vector<FeatureEntry>{{1, 1.0F}});
  examples.add(std::vector<FeatureEntry>{{2, 4.0F}});
  const LinearScores fitted = fit_naive_bayes(examples, std::vector<Index>{0, 0, 1}, 3, 1.0);
  const std::vector<FeatureEntry> row{{0, 1.0F}, {2, 2.0F}};
  const double first = 2.0 / 3.0 * (3.0 / 7.0) * std::pow(1.0 / 7.0, 2.0),
               second = 1.0 / 3.0 * (1.0 / 7.0) * std::pow(5.0 / 7.0, 2.0);
  const auto found = class_probabilities(fitted.of(row), 3);
  CHECK(found[0] == doctest::Approx(first / (first + second)));
  CHECK(found[1] == doctest::Approx(second / (first + second)));
  CHECK(found[2] == 0.0);
  CHECK(class_probabilities(fitted.of({}), 3)[0] == doctest::Approx(2.0 / 3.0));
}

TEST_CASE("one-against-all logistic regression gives each class its sigmoid's share") {
  const std::vector<double> scores{1.5, -40.0, -0.25, 800.0, -800.0};
  const auto found = class_probabilities(log_sigmoids(scores), 5);
  double sum = 0.0;
  for (const double score : scores) sum += 1.0 / (1.0 + std::exp(-score));
  for (std::size_t c = 0; c < scores.size(); ++c)
    CHECK(found[c] == doctest::Approx(1.0 / (1.0 + std::exp(-scores[c])) / sum));
}
