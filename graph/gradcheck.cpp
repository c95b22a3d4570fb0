#include <tapegrad/graph/gradcheck.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

#include <fmt/format.h>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/random.h>

namespace tapegrad {
namespace {

class Check {
 public:
  Check(Parameters& parameters, const std::function<Tensor(Tape&)>& loss,
        const GradcheckOptions& options)
      : loss_(loss), options_(options), tape_(double_options(options.tape)), random_(options.seed) {
    for (const Parameter& parameter : parameters) {
      if (parameter.frozen()) {
        tape_.substitute(parameter, &frozen_.emplace_back(parameter.value().to(Dtype::float64)));
        continue;
      }
      parameters_.push_back(&parameter);
      values_.push_back(parameter.value().to(Dtype::float64));
    }
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      tape_.substitute(*parameters_[i], &values_[i]);
  }

  GradcheckResult run() {
    const std::vector<Array> analytic = gradients();
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (values_[i].size() <= options_.coordinates)
        check_coordinates(i, analytic[i]);
      else
        check_directions(i, analytic[i]);
    }
    if (options_.second_order) check_second_order();
    result_.passed = result_.worst_error <= options_.tolerance;
    return result_;
  }

 private:
  static TapeOptions double_options(TapeOptions options) {
    options.dtype = Dtype::float64;
    return options;
  }

  // Every recording is of the same step, so that random operations repeat their numbers.
  Tensor record() {
    tape_.clear();
    tape_.set_step(0);
    const Tensor loss = loss_(tape_);
    tape_.check(loss, "gradcheck");
    return loss;
  }

  double value() { return record().item(); }

  std::vector<Array> gradients() {
    const Gradients found = tape_.backward(record());
    std::vector<Array> arrays;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      arrays.push_back(found.at_or_zero(*parameters_[i]));
    }
    return arrays;
  }

  void compare(const std::string& what, double analytic, double numeric) {
    ++result_.comparisons;
    double error =
        std::abs(analytic - numeric) / std::max({1.0, std::abs(analytic), std::abs(numeric)});
    if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
    if (error <= result_.worst_error && !result_.worst.empty()) return;
    result_.worst_error = error;
    result_.worst = fmt::format("{}: analytic {:.10g}, numeric {:.10g}", what, analytic, numeric);
  }

  void check_coordinates(std::size_t p, const Array& analytic) {
    for (Index i = 0; i < values_[p].size(); ++i) {
      const double at = values_[p].at(i);
      values_[p].set(i, at + options_.step);
      const double above = value();
      values_[p].set(i, at - options_.step);
      const double below = value();
      values_[p].set(i, at);
      compare(fmt::format("{}[{}]", parameters_[p]->name(), i), analytic.at(i),
              (above - below) / (2.0 * options_.step));
    }
  }

  Array direction(const Shape& shape) {
    Array array(shape, Dtype::float64);
    for (double& element : array.values<double>()) element = random_.normal();
    const double scale = 1.0 / std::sqrt(static_cast<double>(std::max<Index>(1, array.size())));
    for (double& element : array.values<double>()) element *= scale;
    return array;
  }

  static void move(Array& value, const Array& along, double step) {
    for (Index i = 0; i < value.size(); ++i) value.set(i, value.at(i) + step * along.at(i));
  }

  void check_directions(std::size_t p, const Array& analytic) {
    for (int d = 0; d < options_.directions; ++d) {
      const Array along = direction(values_[p].shape());
      const Array start = values_[p];
      move(values_[p], along, options_.step);
      const double above = value();
      values_[p] = start;
      move(values_[p], along, -options_.step);
      const double below = value();
      values_[p] = start;
      double expected = 0.0;
      for (Index i = 0; i < along.size(); ++i) expected += analytic.at(i) * along.at(i);
      compare(fmt::format("{}·direction {}", parameters_[p]->name(), d), expected,
              (above - below) / (2.0 * options_.step));
    }
  }

  void check_second_order() {
    std::vector<Array> along;
    for (const Array& value : values_) along.push_back(direction(value.shape()));
    const Tensor loss = record();
    std::vector<Tensor> targets, vectors;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      targets.push_back(tape_(*parameters_[i]));
      vectors.push_back(tape_.input(along[i]));
    }
    const std::vector<Tensor> products = hessian_vector_product(loss, targets, vectors);
    std::vector<Array> analytic;
    for (const Tensor& product : products) analytic.push_back(product.copy());
    const std::vector<Array> start = values_;
    for (std::size_t i = 0; i < values_.size(); ++i) move(values_[i], along[i], options_.step);
    const std::vector<Array> above = gradients();
    std::ranges::copy(start, values_.begin());
    for (std::size_t i = 0; i < values_.size(); ++i) move(values_[i], along[i], -options_.step);
    const std::vector<Array> below = gradients();
    std::ranges::copy(start, values_.begin());
    for (std::size_t p = 0; p < values_.size(); ++p) {
      for (Index i = 0; i < values_[p].size(); ++i) {
        compare(fmt::format("second order, {}[{}]", parameters_[p]->name(), i), analytic[p].at(i),
                (above[p].at(i) - below[p].at(i)) / (2.0 * options_.step));
      }
    }
  }

  const std::function<Tensor(Tape&)>& loss_;
  GradcheckOptions options_;
  Tape tape_;
  Random random_;
  std::vector<const Parameter*> parameters_;
  std::vector<Array> values_;
  std::deque<Array> frozen_;
  GradcheckResult result_;
};

}  // namespace

GradcheckResult gradcheck(Parameters& parameters, const std::function<Tensor(Tape&)>& loss,
                          const GradcheckOptions& options) {
  if (!loss) throw ValueError("gradcheck: the loss is an empty function");
  if (!(options.step > 0.0 && std::isfinite(options.step) && options.tolerance >= 0.0 &&
        options.coordinates >= 0 && options.directions >= 0)) {
    throw ValueError(
        fmt::format("gradcheck: the step must be positive, tolerance, coordinates and directions "
                    "not negative, got {}, {}, {} and {}",
                    options.step, options.tolerance, options.coordinates, options.directions));
  }
  return Check(parameters, loss, options).run();
}

}  // namespace tapegrad
