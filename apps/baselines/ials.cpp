#include <tapegrad/apps/baselines/ials.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <Eigen/Dense>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

constexpr int steps = 3;          // of conjugate gradients in a half sweep
constexpr Index block_rows = 32;  // solved for side by side; fixed, so that threads change no bits

void check(const IalsOptions& options) {
  const auto refuse = [](const char* name, const char* expected, double value) {
    throw OptionError(fmt::format("ials: expected {} {}, got {}", name, expected, value));
  };
  if (options.factors < 1) refuse("factors", "of 1 or more", static_cast<double>(options.factors));
  if (options.sweeps < 1) refuse("sweeps", "of 1 or more", static_cast<double>(options.sweeps));
  if (options.threads < 1) refuse("threads", "of 1 or more", options.threads);
  for (const auto& [name, value] :
       {std::pair("lambda", options.lambda), {"alpha", options.alpha}}) {
    if (!(value > 0.0) || !std::isfinite(value)) refuse(name, "above 0", value);
  }
}

// Products of short vectors, which are most of the work. Eigen's own look for alignment first,
// which takes longer than the product.
constexpr Index lanes = 8;
using Lanes = Eigen::Array<float, lanes, 1>;

Lanes at(const float* values) { return Eigen::Map<const Lanes>(values); }

float dot_of(const float* a, const float* b, Index count) {
  Lanes even = Lanes::Zero(), odd = Lanes::Zero();
  Index i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    even += at(a + i) * at(b + i);
    odd += at(a + i + lanes) * at(b + i + lanes);
  }
  for (; i + lanes <= count; i += lanes) even += at(a + i) * at(b + i);
  float sum = (even + odd).sum();
  for (; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

// sums += factor · values
void add_scaled(float factor, const float* values, float* sums, Index count) {
  Index i = 0;
  for (; i + lanes <= count; i += lanes) Eigen::Map<Lanes>(sums + i) += factor * at(values + i);
  for (; i < count; ++i) sums[i] += factor * values[i];
}

Eigen::Map<const RowMatrix> matrix_of(std::span<const float> rows, Index factors) {
  return {rows.data(), static_cast<Index>(rows.size()) / factors, factors};
}

// Q'Q, in pieces of a fixed size that are added in double.
MatrixXd gram_of(std::span<const float> rows, Index factors, int threads) {
  constexpr Index piece = 2048;
  const auto matrix = matrix_of(rows, factors);
  const Index pieces = (matrix.rows() + piece - 1) / piece;
  std::vector<MatrixXf> parts(static_cast<std::size_t>(pieces));
  parallel_ranges(pieces, 1, threads, [&](Index begin, Index end) {
    for (Index at = begin; at < end; ++at) {
      const auto own = matrix.middleRows(at * piece, std::min(piece, matrix.rows() - at * piece));
      parts[static_cast<std::size_t>(at)].noalias() = own.transpose() * own;
    }
  });
  MatrixXd gram = MatrixXd::Zero(factors, factors);
  for (const MatrixXf& part : parts) gram += part.cast<double>();
  return gram;
}

// The least squares of some rows, which share Q'Q.
class Block {
 public:
  Block(const UserItems& pairs, std::span<const float> others, const MatrixXf& gram,
        const IalsOptions& options)
      : pairs_(pairs), others_(others), gram_(gram), options_(options) {}

  // Improves rows [first, first + count) of `rows`.
  void improve(std::span<float> rows, Index first, Index count) {
    const Index factors = options_.factors;
    Eigen::Map<RowMatrix> x(rows.data() + first * factors, count, factors);
    first_ = first;
    set_ridges(count);
    residual_.resize(count, factors);
    product_.resize(count, factors);
    multiply(x);
    residual_ = -product_;
    for (Index row = 0; row < count; ++row) add_right_side(row);
    direction_ = residual_;
    VectorXf energy = residual_.rowwise().squaredNorm();
    for (int step = 0; step < steps; ++step) {
      multiply(direction_);
      for (Index row = 0; row < count; ++row) {
        const float curvature = direction_.row(row).dot(product_.row(row));
        if (!(curvature > 0.0F)) continue;  // it is solved already
        const float length = energy[row] / curvature;
        x.row(row) += length * direction_.row(row);
        residual_.row(row) -= length * product_.row(row);
        const float left = residual_.row(row).squaredNorm();
        direction_.row(row) = residual_.row(row) + (left / energy[row]) * direction_.row(row);
        energy[row] = left;
      }
    }
  }

 private:
  static float weight_of(std::span<const float> weights, std::size_t place) {
    return weights.empty() ? 1.0F : weights[place];
  }

  const float* other(std::int32_t number) const {
    return others_.data() + static_cast<Index>(number) * options_.factors;
  }

  void set_ridges(Index count) {
    const double common = options_.alpha * static_cast<double>(pairs_.item_count());
    ridges_.resize(count);
    for (Index row = 0; row < count; ++row) {
      const auto weights = pairs_.weights_of(first_ + row);
      double sum = static_cast<double>(pairs_.of(first_ + row).size());
      if (!weights.empty()) {
        sum = 0.0;
        for (const float weight : weights) sum += static_cast<double>(weight);
      }
      ridges_[row] = static_cast<float>(options_.lambda * (sum + common));
    }
  }

  // product = A x, row by row: A_u = α Q'Q + Σ w q q' + λ r_u.
  template <class Rows>
  void multiply(const Rows& x) {
    const Index factors = options_.factors;
    product_.noalias() = x * gram_;
    for (Index row = 0; row < x.rows(); ++row) {
      const float* const own = x.data() + row * factors;
      float* const product = product_.data() + row * factors;
      add_scaled(ridges_[row], own, product, factors);
      const auto items = pairs_.of(first_ + row);
      const auto weights = pairs_.weights_of(first_ + row);
      for (std::size_t i = 0; i < items.size(); ++i) {
        const float* const q = other(items[i]);
        add_scaled(weight_of(weights, i) * dot_of(q, own, factors), q, product, factors);
      }
    }
  }

  void add_right_side(Index row) {
    const auto items = pairs_.of(first_ + row);
    const auto weights = pairs_.weights_of(first_ + row);
    for (std::size_t i = 0; i < items.size(); ++i)
      add_scaled(weight_of(weights, i), other(items[i]), residual_.data() + row * options_.factors,
                 options_.factors);
  }

  const UserItems& pairs_;
  std::span<const float> others_;
  const MatrixXf& gram_;
  const IalsOptions& options_;
  Index first_ = 0;
  VectorXf ridges_;
  RowMatrix residual_, direction_, product_;
};

std::vector<float> random_rows(Index rows, Index factors, Random& random) {
  const float deviation = 0.1F / std::sqrt(static_cast<float>(factors));
  std::vector<float> values(static_cast<std::size_t>(rows * factors));
  for (float& value : values) value = deviation * static_cast<float>(random.normal());
  return values;
}

}  // namespace

void improve_rows(const UserItems& pairs, std::span<const float> others, const IalsOptions& options,
                  std::span<float> rows) {
  const MatrixXf gram =
      (options.alpha * gram_of(others, options.factors, options.threads)).cast<float>();
  const Index count = pairs.user_count();
  const Index blocks = (count + block_rows - 1) / block_rows;
  parallel_ranges(blocks, 1, options.threads, [&](Index begin, Index end) {
    Block block(pairs, others, gram, options);
    for (Index at = begin; at < end; ++at)
      block.improve(rows, at * block_rows, std::min(block_rows, count - at * block_rows));
  });
}

IalsVectors fit_ials(const UserItems& pairs, const IalsOptions& options) {
  return fit_ials(pairs, options, {.factors = options.factors, .users = {}, .items = {}});
}

IalsVectors fit_ials(const UserItems& pairs, const IalsOptions& options,
                     const IalsVectors& before) {
  check(options);
  Random random(options.seed, 0);
  IalsVectors vectors{.factors = options.factors,
                      .users = random_rows(pairs.user_count(), options.factors, random),
                      .items = random_rows(pairs.item_count(), options.factors, random)};
  std::ranges::copy(before.users, vectors.users.begin());
  std::ranges::copy(before.items, vectors.items.begin());
  const UserItems by_item = transposed(pairs);
  for (Index sweep = 0; sweep < options.sweeps; ++sweep) {
    improve_rows(pairs, vectors.items, options, vectors.users);
    improve_rows(by_item, vectors.users, options, vectors.items);
    if (options.progress) options.progress("sweeps", sweep + 1, options.sweeps);
  }
  return vectors;
}

IalsFoldIn::IalsFoldIn(std::span<const float> items, Index factors, double lambda, double alpha)
    : items_(items), factors_(factors), lambda_(lambda), alpha_(alpha) {
  const MatrixXd gram = alpha * gram_of(items, factors, 1);
  gram_.assign(gram.data(), gram.data() + gram.size());
}

bool IalsFoldIn::operator()(const Person& person, std::span<float> vector) const {
  if (person.items.empty()) return false;
  MatrixXd matrix = Eigen::Map<const MatrixXd>(gram_.data(), factors_, factors_);
  VectorXd right = VectorXd::Zero(factors_);
  const auto rows = matrix_of(items_, factors_);
  double sum = 0.0;
  for (std::size_t at = 0; at < person.items.size(); ++at) {
    const double weight = person.weights.empty() ? 1.0 : static_cast<double>(person.weights[at]);
    const VectorXd q = rows.row(person.items[at]).cast<double>();
    matrix.selfadjointView<Eigen::Lower>().rankUpdate(q, weight);
    right += weight * q;
    sum += weight;
  }
  matrix.diagonal().array() += lambda_ * (sum + alpha_ * static_cast<double>(rows.rows()));
  const VectorXd solved = matrix.selfadjointView<Eigen::Lower>().llt().solve(right);
  for (Index i = 0; i < factors_; ++i)
    vector[static_cast<std::size_t>(i)] = static_cast<float>(solved[i]);
  return true;
}

namespace {

class Ials : public FittedModel {
 public:
  Ials(IalsVectors vectors, double lambda, double alpha)
      : vectors_(std::move(vectors)), lambda_(lambda), alpha_(alpha) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<DotRecommender>(
        vectors_.users, DotScores(vectors_.items, {}, vectors_.factors),
        IalsFoldIn(vectors_.items, vectors_.factors, lambda_, alpha_));
  }
  void save(nn::WeightFile& file) const override {
    const auto put = [&](const char* name, const std::vector<float>& values) {
      file.tensors.emplace(name, Array::from(std::span<const float>(values),
                                             {static_cast<Index>(values.size()) / vectors_.factors,
                                              vectors_.factors}));
    };
    put("ials.users", vectors_.users);
    put("ials.items", vectors_.items);
  }

  const IalsVectors& vectors() const { return vectors_; }

 private:
  IalsVectors vectors_;
  double lambda_, alpha_;
};

IalsOptions options_of(const ModelSettings& settings, const ModelInputs& inputs,
                       const FitProgress& progress) {
  return {.factors = settings.whole(model_options::factors),
          .lambda = settings.number(model_options::lambda),
          .alpha = settings.number(model_options::alpha),
          .sweeps = settings.whole(model_options::sweeps),
          .seed = inputs.seed,
          .threads = inputs.threads,
          .progress = progress};
}

std::unique_ptr<FittedModel> fit_ials_row(const ModelSettings& settings, const ModelInputs& inputs,
                                          const FitProgress& progress) {
  const IalsOptions options = options_of(settings, inputs, progress);
  return std::make_unique<Ials>(fit_ials(*inputs.pairs, options), options.lambda, options.alpha);
}

std::unique_ptr<FittedModel> fit_further(const ModelSettings& settings, const ModelInputs& inputs,
                                         const FittedModel& before, Index rounds,
                                         const FitProgress& progress) {
  IalsOptions options = options_of(settings, inputs, progress);
  options.sweeps = rounds;
  return std::make_unique<Ials>(
      fit_ials(*inputs.pairs, options, dynamic_cast<const Ials&>(before).vectors()), options.lambda,
      options.alpha);
}

std::unique_ptr<FittedModel> load_ials_row(const ModelSource& source, const ModelSettings& settings,
                                           const ModelInputs& inputs) {
  const Index factors = settings.whole(model_options::factors);
  const auto get = [&](const std::string& name, Index rows) {
    const Array& matrix = matrix_in(source.file, name, {rows, factors});
    const auto values = matrix.values<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  IalsVectors vectors{.factors = factors,
                      .users = get("ials.users", inputs.users()),
                      .items = get("ials.items", inputs.items())};
  return std::make_unique<Ials>(std::move(vectors), settings.number(model_options::lambda),
                                settings.number(model_options::alpha));
}

}  // namespace

ModelRow ials_row() {
  return {.name = "ials",
          .summary = "matrix factorisation by alternating least squares",
          .options = {{&model_options::factors, "64", {}, {"32", "64", "128", "256"}},
                      {&model_options::lambda,
                       "auto",
                       {"0.001", "0.003", "0.01"},
                       {"0.0003", "0.001", "0.003", "0.01", "0.03"}},
                      {&model_options::alpha, "auto", {"0.03", "0.1", "0.3", "1"}},
                      {&model_options::sweeps, "16"}},
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                return 2.0 * vectors_of_all(shape, static_cast<double>(
                                                       settings.whole(model_options::factors)));
              },
          .baseline = {.for_known = true},
          .fit = fit_ials_row,
          .fit_further = fit_further,
          .load = load_ials_row};
}

}  // namespace tapegrad::apps
