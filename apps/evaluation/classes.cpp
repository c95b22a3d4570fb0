#include <tapegrad/apps/evaluation/classes.h>

#include <algorithm>
#include <cmath>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/calibration.h>

namespace tapegrad::apps {
namespace {

std::size_t place(Index index) { return static_cast<std::size_t>(index); }

}  // namespace

std::span<const double> ClassPredictions::row(Index example) const {
  return std::span(probabilities).subspan(place(example * classes), place(classes));
}

Index ClassPredictions::predicted(Index example) const {
  const auto own = row(example);
  return static_cast<Index>(std::ranges::max_element(own) - own.begin());
}

ClassPredictions known_of(const ClassPredictions& predictions) {
  ClassPredictions known{.classes = predictions.classes, .probabilities = {}, .truth = {}};
  for (Index i = 0; i < predictions.count(); ++i) {
    if (predictions.truth[place(i)] < 0) continue;
    const auto row = predictions.row(i);
    known.probabilities.insert(known.probabilities.end(), row.begin(), row.end());
    known.truth.push_back(predictions.truth[place(i)]);
  }
  return known;
}

Binary second_class(const ClassPredictions& predictions) {
  Binary second;
  for (Index i = 0; i < predictions.count(); ++i) {
    second.probabilities.push_back(predictions.row(i)[1]);
    second.happened.push_back(predictions.truth[place(i)] == 1);
  }
  return second;
}

std::vector<Index> confusion_matrix(const ClassPredictions& predictions) {
  const Index classes = predictions.classes;
  std::vector<Index> confusion(place(classes * classes), 0);
  for (Index i = 0; i < predictions.count(); ++i)
    ++confusion[place(predictions.truth[place(i)] * classes + predictions.predicted(i))];
  return confusion;
}

std::vector<ClassCounts> class_counts(std::span<const Index> confusion, Index classes) {
  std::vector<ClassCounts> counts(place(classes));
  for (Index t = 0; t < classes; ++t) {
    for (Index p = 0; p < classes; ++p) {
      const Index count = confusion[place(t * classes + p)];
      counts[place(t)].examples += count;
      counts[place(p)].predicted += count;
      if (t == p) counts[place(t)].hits += count;
    }
  }
  return counts;
}

ClassMeasures measures_of(std::span<const Index> confusion, Index classes) {
  ClassMeasures measures;
  double examples = 0.0, hits = 0.0, with_examples = 0.0, seen = 0.0;
  for (const ClassCounts& own : class_counts(confusion, classes)) {
    const auto count = static_cast<double>(own.examples), hit = static_cast<double>(own.hits),
               both = static_cast<double>(own.examples + own.predicted);
    examples += count;
    hits += hit;
    if (count > 0.0) {
      measures.balanced_accuracy += hit / count;
      with_examples += 1.0;
    }
    if (both > 0.0) {
      measures.macro_f1 += 2.0 * hit / both;
      seen += 1.0;
    }
  }
  measures.accuracy = hits / std::max(1.0, examples);
  measures.balanced_accuracy /= std::max(1.0, with_examples);
  measures.macro_f1 /= std::max(1.0, seen);
  return measures;
}

double class_log_loss(const ClassPredictions& predictions) {
  double sum = 0.0;
  for (Index i = 0; i < predictions.count(); ++i)
    sum -= std::log(std::max(1e-15, predictions.row(i)[place(predictions.truth[place(i)])]));
  return sum / static_cast<double>(std::max<Index>(1, predictions.count()));
}

double class_calibration_error(const ClassPredictions& predictions) {
  std::vector<double> probability, right;
  for (Index i = 0; i < predictions.count(); ++i) {
    const Index predicted = predictions.predicted(i);
    probability.push_back(predictions.row(i)[place(predicted)]);
    right.push_back(predicted == predictions.truth[place(i)] ? 1.0 : 0.0);
  }
  return expected_calibration_error(calibration_bins(probability, right));
}

std::vector<double> class_probabilities(std::span<const double> logits, Index classes,
                                        double temperature) {
  std::vector<double> probabilities(logits.size());
  for (std::size_t first = 0; first < logits.size(); first += place(classes)) {
    const auto own = logits.subspan(first, place(classes));
    const double top = std::ranges::max(own);
    double sum = 0.0;
    for (std::size_t c = 0; c < own.size(); ++c)
      sum += probabilities[first + c] = std::exp((own[c] - top) / temperature);
    for (std::size_t c = 0; c < own.size(); ++c) probabilities[first + c] /= sum;
  }
  return probabilities;
}

double fit_class_temperature(std::span<const double> logits, std::span<const Index> truth,
                             Index classes, double doubt) {
  // Examples of a class that has no examples in the training, whose logit is -∞, say nothing; and
  // such a class is nobody's doubt.
  std::vector<double> used;
  double expected = 0.0;  // the logit that the truth is expected to have
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto own = logits.subspan(i * place(classes), place(classes));
    const double right = own[place(truth[i])];
    if (std::isinf(right)) continue;
    used.insert(used.end(), own.begin(), own.end());
    double others = -right, count = -1.0;
    for (const double logit : own) {
      if (std::isinf(logit)) continue;
      others += logit;
      count += 1.0;
    }
    expected += count > 0.0 ? (1.0 - doubt) * right + doubt * others / count : right;
  }
  // What the probabilities expect less that.
  const auto derivative = [&](double factor) {
    const std::vector<double> probabilities = class_probabilities(used, classes, 1.0 / factor);
    double sum = -expected;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (probabilities[i] > 0.0) sum += probabilities[i] * used[i];
    }
    return sum;
  };
  return least_loss_temperature(derivative);
}

namespace {

// The mean difference of what `of` says of each example.
template <class Of>
Estimate compare(const ClassPredictions& one, const ClassPredictions& other, std::uint64_t seed,
                 const Of& of) {
  if (one.truth != other.truth) throw DataError("expected the same examples to compare");
  std::vector<double> differences;
  for (Index i = 0; i < one.count(); ++i) differences.push_back(of(one, i) - of(other, i));
  return estimate_of(differences, seed);
}

}  // namespace

Estimate compare_accuracy(const ClassPredictions& one, const ClassPredictions& other,
                          std::uint64_t seed) {
  return compare(one, other, seed, [](const ClassPredictions& own, Index i) {
    return own.predicted(i) == own.truth[place(i)] ? 1.0 : 0.0;
  });
}

Estimate compare_log_loss(const ClassPredictions& one, const ClassPredictions& other,
                          std::uint64_t seed) {
  return compare(one, other, seed, [](const ClassPredictions& own, Index i) {
    return -std::log(std::max(1e-15, own.row(i)[place(own.truth[place(i)])]));
  });
}

}  // namespace tapegrad::apps
