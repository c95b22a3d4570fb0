#include <fmt/core.h>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tapegrad::apps {
namespace {

using Eigen::MatrixXd;

// Fixed, so that the arithmetic does not depend on the number of threads.
constexpr Index block_size = 128;

void check_options(const EaseOptions& options, Index items) {
  if (!(options.lambda > 0.0) || !std::isfinite(options.lambda)) {
    throw OptionError(fmt::format("ease: expected lambda above 0, got {}", options.lambda));
  }
  if (options.threads < 1)
    throw OptionError(fmt::format("ease: expected at least 1 thread, got {}", options.threads));
  if (items > options.maximum_items) {
    throw OptionError(fmt::format(
        "ease: expected at most {} items, got {}, since memory grows with their square; item-knn, "
        "ials and mf take more",
        options.maximum_items, items));
  }
}

// Runs `body(first, count)` for each block of columns.
template <typename Body>
void for_each_block(Index columns, const EaseOptions& options, const char* part, const Body& body) {
  const Index blocks = (columns + block_size - 1) / block_size;
  std::mutex telling;
  Index done = 0;
  parallel_ranges(blocks, 1, options.threads, [&](Index begin, Index end) {
    for (Index block = begin; block != end; ++block) {
      body(block * block_size, std::min(block_size, columns - block * block_size));
      const std::lock_guard lock(telling);
      if (options.progress) options.progress(part, ++done, blocks);
    }
  });
}

// The lower triangle of X'X + lambda I; the counts of pairs without weights are exact.
MatrixXd regularized_gram(const UserItems& training, const EaseOptions& options) {
  MatrixXd gram = MatrixXd::Zero(training.item_count(), training.item_count());
  for (Index user = 0; user < training.user_count(); ++user) {
    const std::span<const std::int32_t> items = training.of(user);
    const std::span<const float> weights = training.weights_of(user);
    const auto weight = [&](std::size_t i) {
      return weights.empty() ? 1.0 : static_cast<double>(weights[i]);
    };
    for (std::size_t j = 0; j < items.size(); ++j) {
      double* column = gram.col(items[j]).data();
      for (std::size_t i = j; i < items.size(); ++i) column[items[i]] += weight(j) * weight(i);
    }
    if (options.progress)
      options.progress("counting pairs of items", user + 1, training.user_count());
  }
  gram.diagonal().array() += options.lambda;
  return gram;
}

// The lower triangle of the inverse, from the lower Cholesky factor.
//
// The rows from j on of the columns from j on need no more of the factor than its trailing corner:
// forward substitution starts at the first one of the unit vectors, backward substitution comes
// from below.
MatrixXd inverse_from_factor(const MatrixXd& factor, const EaseOptions& options) {
  const Index size = factor.rows();
  MatrixXd inverse = MatrixXd::Zero(size, size);
  for_each_block(size, options, "inverting", [&](Index first, Index count) {
    const auto corner =
        factor.bottomRightCorner(size - first, size - first).triangularView<Eigen::Lower>();
    MatrixXd columns = MatrixXd::Identity(size - first, count);
    corner.solveInPlace(columns);
    corner.transpose().solveInPlace(columns);
    inverse.block(first, first, size - first, count) = columns;
  });
  return inverse;
}

// B row by row from the lower triangle of P.
std::vector<float> weights_of_inverse(const MatrixXd& inverse, const EaseOptions& options) {
  const Index size = inverse.rows();
  std::vector<float> weights(static_cast<std::size_t>(size * size));
  for_each_block(size, options, "weights", [&](Index first, Index count) {
    for (Index row = first; row < first + count; ++row) {
      float* out = weights.data() + row * size;
      for (Index column = 0; column < size; ++column) {
        const double value = inverse(std::max(row, column), std::min(row, column));
        out[column] = row == column ? 0.0F : static_cast<float>(-value / inverse(column, column));
      }
    }
  });
  return weights;
}

}  // namespace

EaseRecommender::EaseRecommender(std::shared_ptr<const UserItems> training,
                                 const EaseOptions& options)
    : training_(std::move(training)) {
  check_options(options, training_->item_count());
  MatrixXd matrix = regularized_gram(*training_, options);
  if (options.progress) options.progress("factoring", 0, 1);
  // In place: the factor overwrites the lower triangle.
  const Eigen::LLT<Eigen::Ref<MatrixXd>, Eigen::Lower> decomposition(matrix);
  if (decomposition.info() != Eigen::Success) {
    throw OptionError(fmt::format(
        "ease: expected a lambda that makes the matrix positive definite, got {}", options.lambda));
  }
  // Copies of the recommender share them.
  rows_ = [weights = std::make_shared<const std::vector<float>>(
               weights_of_inverse(inverse_from_factor(matrix, options), options)),
           size = static_cast<std::size_t>(training_->item_count())](Index item) {
    return std::span(*weights).subspan(static_cast<std::size_t>(item) * size, size);
  };
}

EaseRecommender::EaseRecommender(std::shared_ptr<const UserItems> training, EaseRows rows)
    : training_(std::move(training)), rows_(std::move(rows)) {}

void EaseRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                            std::span<float> scores) const {
  add_scores({training_->of(user), training_->weights_of(user)}, items, scores);
}

bool EaseRecommender::score_person(const Person& person, std::span<float> scores) const {
  add_scores(person, {}, scores);
  return !person.items.empty();
}

bool EaseRecommender::score_similar(std::int32_t item, std::span<float> scores) const {
  std::ranges::copy(rows_(item), scores.begin());
  return true;
}

void EaseRecommender::add_scores(const Person& person, std::span<const std::int32_t> items,
                                 std::span<float> scores) const {
  std::fill(scores.begin(), scores.end(), 0.0F);
  for (std::size_t own = 0; own < person.items.size(); ++own) {
    const std::span<const float> row = rows_(person.items[own]);
    const float weight = person.weights.empty() ? 1.0F : person.weights[own];
    // Both ways add in the same order, so that an item's score does not depend on what else is
    // asked for.
    if (items.empty()) {
      for (std::size_t item = 0; item < row.size(); ++item) scores[item] += weight * row[item];
    } else {
      for (std::size_t i = 0; i < items.size(); ++i)
        scores[i] += weight * row[static_cast<std::size_t>(items[i])];
    }
  }
}

namespace {

class Ease : public FittedModel {
 public:
  explicit Ease(EaseRecommender recommender, Index items)
      : recommender_(std::move(recommender)), items_(items) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<EaseRecommender>(recommender_);
  }
  void save(nn::WeightFile& file) const override {
    Array weights({items_, items_});
    for (Index item = 0; item < items_; ++item)
      std::ranges::copy(
          recommender_.row(item),
          weights.values<float>().subspan(static_cast<std::size_t>(item * items_)).begin());
    put_rows(file, "ease.weights", std::move(weights));
  }

 private:
  EaseRecommender recommender_;
  Index items_;
};

std::unique_ptr<FittedModel> fit_ease_row(const ModelSettings& settings, const ModelInputs& inputs,
                                          const FitProgress& progress) {
  const EaseOptions options{.lambda = settings.number(model_options::lambda),
                            .threads = inputs.threads,
                            .progress = progress};
  return std::make_unique<Ease>(EaseRecommender(inputs.pairs, options), inputs.items());
}

// The weights stay in the file, which is kept open.
std::unique_ptr<FittedModel> load_ease_row(const ModelSource& source, const ModelSettings&,
                                           const ModelInputs& inputs) {
  const auto weights = std::make_shared<const SealedRows>(source.reader, "ease.weights");
  const Shape shape{inputs.items(), inputs.items()};
  if (weights->shape() != shape)
    throw Error(fmt::format("its ease.weights have shape {}, expected {}",
                            weights->shape().to_string(), shape.to_string()));
  return std::make_unique<Ease>(
      EaseRecommender(inputs.pairs, [weights](Index item) { return weights->row(item); }),
      inputs.items());
}

}  // namespace

ModelRow ease_row() {
  return {.name = "ease",
          .summary = "a linear model of all pairs of items, in closed form",
          .options = {{&model_options::lambda,
                       "auto",
                       {"20", "50", "100", "200", "500", "1000", "2000"}}},
          .numbers =
              [](const ModelSettings&, const ModelShape& shape) {
                return 4.0 * static_cast<double>(shape.items) *
                       static_cast<double>(shape.items);  // in double precision, twice
              },
          .baseline = {.for_known = true, .most_items = 4000},
          .fit = fit_ease_row,
          .load = load_ease_row};
}

}  // namespace tapegrad::apps
