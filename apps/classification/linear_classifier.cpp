#include <tapegrad/apps/classification/linear_classifier.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <linear.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

struct FreeModel {
  void operator()(model* fitted) const { free_and_destroy_model(&fitted); }
};

// Versions of LIBLINEAR from 2.40 on leave the constant's weight out of the penalty unless this
// says otherwise; those before have no such member.
template <class Options>
void penalise_constant(Options& options) {
  if constexpr (requires { options.regularize_bias; }) options.regularize_bias = 1;
}

// The rows as LIBLINEAR reads them: places from 1 on, the constant last, and an end.
struct Problem {
  std::vector<feature_node> nodes;
  std::vector<feature_node*> rows;
  std::vector<double> labels;
  problem given{};

  Problem(const SparseExamples& examples, std::vector<double> own) : labels(std::move(own)) {
    std::vector<std::size_t> begins;
    for (Index i = 0; i < examples.count(); ++i) {
      begins.push_back(nodes.size());
      for (const FeatureEntry& entry : examples.row(i))
        nodes.push_back({entry.place + 1, static_cast<double>(entry.value)});
      nodes.push_back({static_cast<int>(examples.width) + 1, 1.0});
      nodes.push_back({-1, 0.0});
    }
    for (const std::size_t begin : begins) rows.push_back(nodes.data() + begin);
    given = {.l = static_cast<int>(examples.count()),
             .n = static_cast<int>(examples.width) + 1,
             .y = labels.data(),
             .x = rows.data(),
             .bias = 1.0};
  }
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  // All solvers that are used work in the primal: those in the dual draw from the C library's
  // random numbers.
  std::unique_ptr<model, FreeModel> fitted(int solver, double cost) const {
    parameter options{};
    options.solver_type = solver;
    options.eps = 1e-4;
    options.C = cost;
    penalise_constant(options);
    set_print_string_function([](const char*) {});
    return std::unique_ptr<model, FreeModel>(train(&given, &options));
  }
};

}  // namespace

LinearScores fit_linear(const SparseExamples& examples, std::span<const Index> classes,
                        Index class_count, LinearLoss loss, double cost) {
  const Index columns = examples.width + 1;
  LinearScores scores{
      .classes = class_count,
      .width = examples.width,
      .weights = std::vector<double>(static_cast<std::size_t>(class_count * columns), 0.0)};
  const auto bias = [&](Index label) -> double& {
    return scores.weights[static_cast<std::size_t>((label + 1) * columns - 1)];
  };
  for (Index label = 0; label < class_count; ++label)
    bias(label) = -std::numeric_limits<double>::infinity();
  for (const Index label : classes) {
    if (label < 0 || label >= class_count)
      throw DataError(fmt::format("class {} is outside of {} classes", label, class_count));
    bias(label) = 0.0;
  }
  Index with_examples = 0;
  for (Index label = 0; label < class_count; ++label) with_examples += bias(label) == 0.0 ? 1 : 0;
  if (with_examples < 2) throw DataError("expected examples of two classes or more");
  const Problem rows(examples, {classes.begin(), classes.end()});
  const auto fitted = rows.fitted(loss == LinearLoss::logistic ? L2R_LR : L2R_L2LOSS_SVC, cost);
  for (int k = 0; k < fitted->nr_class; ++k) {
    for (Index place = 0; place < columns; ++place) {
      // Of two classes there is one row of weights, for the first.
      const bool two = fitted->nr_class == 2;
      const double weight =
          two ? (k == 0 ? 1.0 : -1.0) * fitted->w[place] : fitted->w[place * fitted->nr_class + k];
      scores.weights[static_cast<std::size_t>(fitted->label[k] * columns + place)] = weight;
    }
  }
  return scores;
}

LinearScores fit_ridge(const SparseExamples& examples, std::span<const double> numbers,
                       double cost) {
  // Support vector regression with the squared loss, of which no error is too small to count.
  const Problem rows(examples, {numbers.begin(), numbers.end()});
  const auto fitted = rows.fitted(L2R_L2LOSS_SVR, cost);
  return {.classes = 1,
          .width = examples.width,
          .weights = std::vector<double>(fitted->w, fitted->w + examples.width + 1)};
}

}  // namespace tapegrad::apps
