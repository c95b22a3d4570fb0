// Measures of classes against a few lines, and temperatures whose truth is known.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/evaluation/classes.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

// Random logits of `classes`, and truths that the first classes are favoured in.
struct Random {
  std::vector<double> logits;
  std::vector<Index> truth;
};
Random random_logits(std::mt19937& random, std::size_t count, Index classes) {
  std::normal_distribution<double> normal(0.0, 2.0);
  Random drawn;
  for (std::size_t i = 0; i < count; ++i) {
    for (Index c = 0; c < classes; ++c) drawn.logits.push_back(normal(random));
    drawn.truth.push_back(std::min(std::uniform_int_distribution<Index>(0, classes - 1)(random),
                                   std::uniform_int_distribution<Index>(0, classes - 1)(random)));
  }
  return drawn;
}

ClassPredictions predictions_of(const Random& drawn, Index classes) {
  return {.classes = classes,
          .probabilities = class_probabilities(drawn.logits, classes),
          .truth = drawn.truth};
}

}  // namespace

TEST_CASE("accuracy, balanced accuracy and macro F1 are those of counting class by class") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const Index classes : {1, 2, 3, 7}) {
    for (const std::size_t count : {1U, 5U, 200U}) {
      const ClassPredictions predictions =
          predictions_of(random_logits(random, count, classes), classes);
      double right = 0.0, recalls = 0.0, f1 = 0.0;
      std::set<Index> there, seen;
      for (Index i = 0; i < predictions.count(); ++i) {
        const Index truth = predictions.truth[static_cast<std::size_t>(i)];
        right += predictions.predicted(i) == truth ? 1.0 : 0.0;
        there.insert(truth);
        seen.insert(truth);
        seen.insert(predictions.predicted(i));
      }
      for (const Index c : seen) {
        double examples = 0.0, predicted = 0.0, hits = 0.0;
        for (Index i = 0; i < predictions.count(); ++i) {
          const bool is = predictions.truth[static_cast<std::size_t>(i)] == c,
                     said = predictions.predicted(i) == c;
          examples += is ? 1.0 : 0.0;
          predicted += said ? 1.0 : 0.0;
          hits += is && said ? 1.0 : 0.0;
        }
        const double precision = predicted > 0.0 ? hits / predicted : 0.0,
                     recall = examples > 0.0 ? hits / examples : 0.0;
        if (there.contains(c)) recalls += recall;
        if (hits > 0.0) f1 += 2.0 * precision * recall / (precision + recall);
      }
      const ClassMeasures found = measures_of(confusion_matrix(predictions), classes);
      CHECK(found.accuracy == doctest::Approx(right / static_cast<double>(count)));
      CHECK(found.balanced_accuracy ==
            doctest::Approx(recalls / static_cast<double>(there.size())));
      CHECK(found.macro_f1 == doctest::Approx(f1 / static_cast<double>(seen.size())));
    }
  }
  // Nothing was asked.
  const ClassMeasures none = measures_of(confusion_matrix({.classes = 2}), 2);
  CHECK(none.accuracy == 0.0);
  CHECK(none.macro_f1 == 0.0);
  CHECK(class_log_loss({.classes = 2}) == 0.0);
}

TEST_CASE("of two classes, log loss and temperature are those of the logit between them") {
  std::mt19937 random(7);
  const Random drawn = random_logits(random, 500, 2);
  std::vector<double> difference;
  std::vector<bool> happened;
  for (std::size_t i = 0; i < drawn.truth.size(); ++i) {
    difference.push_back(drawn.logits[2 * i + 1] - drawn.logits[2 * i]);
    happened.push_back(drawn.truth[i] == 1);
  }
  Binary binary{.probabilities = {}, .happened = happened};
  for (const double logit : difference)
    binary.probabilities.push_back(1.0 / (1.0 + std::exp(-logit)));
  CHECK(class_log_loss(predictions_of(drawn, 2)) == doctest::Approx(log_loss(binary)));
  CHECK(fit_class_temperature(drawn.logits, drawn.truth, 2) ==
        doctest::Approx(fit_temperature(difference, happened)).epsilon(1e-9));
}

TEST_CASE("the temperature that made the classes is found, and calibrates") {
  std::mt19937 random(11);
  for (const double temperature : {0.5, 1.0, 3.0}) {
    CAPTURE(temperature);
    constexpr Index classes = 4;
    Random drawn = random_logits(random, 40000, classes);
    const auto probabilities = class_probabilities(drawn.logits, classes, temperature);
    for (std::size_t i = 0; i < drawn.truth.size(); ++i) {
      const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i) * classes;
      drawn.truth[i] = std::discrete_distribution<Index>(row, row + classes)(random);
    }
    const double found = fit_class_temperature(drawn.logits, drawn.truth, classes);
    CHECK(found == doctest::Approx(temperature).epsilon(0.05));
    ClassPredictions predictions{.classes = classes,
                                 .probabilities = class_probabilities(drawn.logits, classes, found),
                                 .truth = drawn.truth};
    CHECK(class_calibration_error(predictions) < 0.02);
    if (temperature != 1.0) {
      const double fitted = class_log_loss(predictions);
      predictions.probabilities = class_probabilities(drawn.logits, classes);
      CHECK(class_log_loss(predictions) > fitted);
      CHECK(class_calibration_error(predictions) > 0.05);
    }
  }
  // Logits too large for exp() are probabilities all the same.
  const std::vector<double> large{1000.0, 998.0, -1000.0};
  CHECK(class_probabilities(large, 3)[0] == doctest::Approx(1.0 / (1.0 + std::exp(-2.0))));
}

TEST_CASE("accuracies of two models are compared example by example") {
  std::mt19937 random(13);
  const Random drawn = random_logits(random, 400, 3);
  const ClassPredictions one = predictions_of(drawn, 3);
  ClassPredictions right = one;
  for (Index i = 0; i < right.count(); ++i) {
    for (Index c = 0; c < 3; ++c)
      right.probabilities[static_cast<std::size_t>(3 * i + c)] =
          right.truth[static_cast<std::size_t>(i)] == c ? 1.0 : 0.0;
  }
  const Estimate same = compare_accuracy(one, one);
  CHECK(same.mean == 0.0);
  CHECK(same.high == 0.0);
  const Estimate ahead = compare_accuracy(right, one);
  CHECK(ahead.mean == doctest::Approx(1.0 - measures_of(confusion_matrix(one), 3).accuracy));
  CHECK(ahead.low > 0.0);
  ClassPredictions other = one;
  other.truth[0] = (other.truth[0] + 1) % 3;
  CHECK_THROWS_AS(compare_accuracy(one, other), DataError);
}

TEST_CASE("with a doubt, a few examples that are told right do not make everything certain") {
  // Two classes, ten examples, all right by a margin of 2: σ(2 / t) = 11/12.
  std::vector<double> logits;
  std::vector<Index> truth;
  for (Index i = 0; i < 10; ++i) {
    truth.push_back(i % 2);
    logits.push_back(i % 2 == 0 ? 2.0 : 0.0);
    logits.push_back(i % 2 == 0 ? 0.0 : 2.0);
  }
  CHECK(fit_class_temperature(logits, truth, 2) == doctest::Approx(1.0 / 20.0).epsilon(1e-3));
  const double found = fit_class_temperature(logits, truth, 2, 1.0 / 12.0);
  CHECK(1.0 / (1.0 + std::exp(-2.0 / found)) == doctest::Approx(11.0 / 12.0));
  // A class that has no examples, as a model of counts scores it, changes nothing.
  std::vector<double> three;
  for (std::size_t i = 0; i < logits.size(); i += 2)
    three.insert(three.end(), {logits[i], logits[i + 1], -std::numeric_limits<double>::infinity()});
  CHECK(fit_class_temperature(three, truth, 3, 1.0 / 12.0) == doctest::Approx(found));
  // Nor does an example of it.
  three.insert(three.end(), {0.0, 1.0, -std::numeric_limits<double>::infinity()});
  truth.push_back(2);
  CHECK(fit_class_temperature(three, truth, 3, 1.0 / 12.0) == doctest::Approx(found));
}
