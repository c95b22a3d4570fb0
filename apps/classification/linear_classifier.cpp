#include <tapegrad/apps/classification/linear_classifier.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <linear.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

struct FreeModel {
  void operator()(model* fitted) const { free_and_destroy_model(&fitted); }
};

// The rows as LIBLINEAR reads them: places from 1 on, the constant last, and an end.
struct Problem {
  std::vector<feature_node> nodes;
  std::vector<feature_node*> rows;
  std::vector<double> classes;

  Problem(const SparseExamples& examples, std::span<const Index> labels) {
    std::vector<std::size_t> begins;
    for (Index i = 0; i < examples.count(); ++i) {
      begins.push_back(nodes.size());
      for (const FeatureEntry& entry : examples.row(i))
        nodes.push_back({entry.place + 1, static_cast<double>(entry.value)});
      nodes.push_back({static_cast<int>(examples.width) + 1, 1.0});
      nodes.push_back({-1, 0.0});
      classes.push_back(static_cast<double>(labels[static_cast<std::size_t>(i)]));
    }
    for (const std::size_t begin : begins) rows.push_back(nodes.data() + begin);
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
  Problem rows(examples, classes);
  const problem given{.l = static_cast<int>(examples.count()),
                      .n = static_cast<int>(columns),
                      .y = rows.classes.data(),
                      .x = rows.rows.data(),
                      .bias = 1.0};
  // Both are solved in the primal: the dual solvers draw from the C library's random numbers.
  parameter options{};
  options.solver_type = loss == LinearLoss::logistic ? L2R_LR : L2R_L2LOSS_SVC;
  options.eps = 1e-4;
  options.C = cost;
  set_print_string_function([](const char*) {});
  const std::unique_ptr<model, FreeModel> fitted(train(&given, &options));
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

}  // namespace tapegrad::apps
