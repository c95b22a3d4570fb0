// Softmax cross-entropy over the classes of a linear layer, without its logits in memory: the
// kernels make them in blocks, and the gradients make them again. Source of the idea: Wijmans et
// al., "Cut your losses in large-vocabulary language models", 2024.
#include <algorithm>
#include <cmath>
#include <limits>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index ignore_index;
};

constexpr Index block_rows = 128;  // of x
// Rows of the weights in a block, whose logits stay in the second-level cache.
constexpr Index block_classes = 256;

// What the forward kernel finds for each row: the loss, and log Σ eˣ as a LogSumExp, whose parts
// are subtracted one by one.
constexpr Index found_columns = 3;
enum Found : Index { found_loss, found_top, found_log_sum };

// x [n, width], weights [classes, width], ids [n]; of the gradients also what was found, [n,
// found_columns], and the losses' gradient [n].
template <class T>
struct Problem {
  const T *x, *weights;
  const Index* ids;
  Index rows, classes, width, ignored;

  explicit Problem(const KernelContext& context)
      : x(context.in<T>(0)),
        weights(context.in<T>(1)),
        ids(context.in<Index>(2)),
        rows(context.shape(0)[0]),
        classes(context.shape(1)[0]),
        width(context.shape(0)[1]),
        ignored(context.attributes<Attributes>().ignore_index) {}

  Index class_of(Index row) const {
    const Index id = ids[row];
    if (id != ignored && (id < 0 || id >= classes))
      throw ValueError(fmt::format("class {} is outside of {} classes", id, classes));
    return id;
  }

  // logits [row_count, block_classes] of rows from `row` on and classes from `first` on.
  void logits(Index row, Index row_count, Index first, Index class_count, T* to) const {
    gemm(row_count, class_count, width, {x + row * width, width},
         {weights + first * width, width, true}, to, block_classes);
  }

  // The same, made into the loss's gradients with respect to them.
  void gradients(Index row, Index row_count, Index first, Index class_count, const T* found,
                 const T* g, T* to) const {
    logits(row, row_count, first, class_count, to);
    for (Index r = 0; r < row_count; ++r) {
      T* __restrict own = to + r * block_classes;
      const Index id = class_of(row + r);
      const T scale = id == ignored ? T{0} : g[row + r];
      if (scale == T{0}) {
        std::fill_n(own, class_count, T{0});
        continue;
      }
      const T* own_found = found + found_columns * (row + r);
      const T top = own_found[found_top], log_sum = own_found[found_log_sum];
      for (Index c = 0; c < class_count; ++c)
        own[c] = scale * vector_math::exp((own[c] - top) - log_sum);
      if (id >= first && id < first + class_count) own[id - first] -= scale;
    }
  }
};

template <class T>
void loss_kernel(const KernelContext& context) {
  const Problem<T> problem(context);
  Scratch<T> memory(block_rows * block_classes);
  T* logits = memory.data();
  T top[block_rows], own[block_rows];
  double sum[block_rows];
  for (Index row = context.begin; row < context.end; row += block_rows) {
    const Index rows = std::min(block_rows, context.end - row);
    std::fill_n(top, rows, -std::numeric_limits<T>::infinity());
    std::fill_n(sum, rows, 0.0);
    for (Index first = 0; first < problem.classes; first += block_classes) {
      const Index classes = std::min(block_classes, problem.classes - first);
      problem.logits(row, rows, first, classes, logits);
      for (Index r = 0; r < rows; ++r) {
        const T* values = logits + r * block_classes;
        const T found = rows::largest(values, classes);
        const T highest = found > top[r] || found != found ? found : top[r];
        if (highest != top[r])
          sum[r] *= std::exp(static_cast<double>(top[r]) - static_cast<double>(highest));
        top[r] = highest;
        sum[r] += sum_of<T>(
            classes, [values, highest](Index c) { return vector_math::exp(values[c] - highest); });
        const Index id = problem.class_of(row + r);
        if (id >= first && id < first + classes) own[r] = values[id - first];
      }
    }
    for (Index r = 0; r < rows; ++r) {
      const T log_sum = static_cast<T>(std::log(sum[r]));
      T* out = context.out<T>() + found_columns * (row + r);
      out[found_loss] =
          problem.class_of(row + r) == problem.ignored ? T{0} : log_sum - (own[r] - top[r]);
      out[found_top] = top[r];
      out[found_log_sum] = log_sum;
    }
  }
}

// A sum of products, each [m, n] and over at most a block of classes or rows, added in double.
template <class T>
class ProductSum {
 public:
  ProductSum(Index m, Index n) : m_(m), n_(n), product_(m * n), sums_(m * n) {
    std::ranges::fill(sums_.span(), 0.0);
  }
  void add(Index k, const GemmOperand<T>& a, const GemmOperand<T>& b) {
    gemm(m_, n_, k, a, b, product_.data(), n_);
    const T* __restrict product = product_.data();
    double* __restrict sums = sums_.data();
    for (Index i = 0; i < m_ * n_; ++i) sums[i] += static_cast<double>(product[i]);
  }
  void store(T* __restrict to) {
    const double* __restrict sums = sums_.data();
    for (Index i = 0; i < m_ * n_; ++i) to[i] = static_cast<T>(sums[i]);
  }

 private:
  Index m_, n_;
  Scratch<T> product_;
  Scratch<double> sums_;
};

// Σ over classes of the logits' gradients times the weights.
template <class T>
void input_kernel(const KernelContext& context) {
  const Problem<T> problem(context);
  const Index width = problem.width;
  Scratch<T> memory(block_rows * block_classes);
  T* logits = memory.data();
  for (Index row = context.begin; row < context.end; row += block_rows) {
    const Index rows = std::min(block_rows, context.end - row);
    ProductSum<T> sum(rows, width);
    for (Index first = 0; first < problem.classes; first += block_classes) {
      const Index classes = std::min(block_classes, problem.classes - first);
      problem.gradients(row, rows, first, classes, context.in<T>(3), context.in<T>(4), logits);
      sum.add(classes, {logits, block_classes}, {problem.weights + first * width, width});
    }
    sum.store(context.out<T>() + row * width);
  }
}

// Σ over rows of the logits' gradients times x, for classes [begin, end).
template <class T>
void weight_kernel(const KernelContext& context) {
  const Problem<T> problem(context);
  const Index width = problem.width;
  Scratch<T> memory(block_rows * block_classes);
  T* logits = memory.data();
  for (Index first = context.begin; first < context.end; first += block_classes) {
    const Index classes = std::min(block_classes, context.end - first);
    ProductSum<T> sum(classes, width);
    for (Index row = 0; row < problem.rows; row += block_rows) {
      const Index rows = std::min(block_rows, problem.rows - row);
      problem.gradients(row, rows, first, classes, context.in<T>(3), context.in<T>(4), logits);
      sum.add(rows, {logits, block_classes, true}, {problem.x + row * width, width});
    }
    sum.store(context.out<T>() + first * width);
  }
}

Type loss_shape(const ShapeContext& context) {
  const Shape& x = context.shape(0);
  const Shape& weights = context.shape(1);
  const bool fits = x.rank() == 2 && weights.rank() == 2 && x[1] == weights[1] && weights[0] > 0 &&
                    context.shape(2) == Shape{x[0]} && context.inputs[2]->dtype == Dtype::int64;
  if (!fits) {
    throw ShapeError(fmt::format(
        "needs x [n, width], weights [classes, width] and int64 classes [n], got {} and {}",
        shapes_of(context), name_of(context.inputs[2]->dtype)));
  }
  return {{x[0], found_columns}, context.inputs[0]->dtype};
}

double logits_cost(const ShapeContext& context) {
  return gemm_cost(context.shape(0)[0], context.shape(1)[0], context.shape(0)[1]) +
         static_cast<double>(context.shape(0)[0] * context.shape(1)[0]);
}
double loss_cost(const ShapeContext& context, const Type&) { return logits_cost(context); }
double gradient_cost(const ShapeContext& context, const Type&) {
  return 2.0 * logits_cost(context);
}

Tensor part(const Operation& operation, const Tensor& x, const Tensor& weights, const Tensor& ids,
            const Tensor& found, const Tensor& g, const Attributes& attributes) {
  const Tensor inputs[] = {x, weights, ids, found, g};
  return record(operation, inputs, bytes_of(attributes), {});
}

// Only the losses are handed out, so nothing comes back for the logarithms beside them.
void loss_gradient(GradientContext& context) {
  const Tensor x = context.input(0), weights = context.input(1), ids = context.input(2),
               found = context.output();
  const Tensor g = reshape(slice(context.gradient(), -1, 0, 1), {-1});
  const auto attributes = context.attributes<Attributes>();
  if (context.needs(0))
    context.add(0, part(linear_cross_entropy_input_gradient_operation, x, weights, ids, found, g,
                        attributes));
  if (context.needs(1))
    context.add(1, part(linear_cross_entropy_weight_gradient_operation, x, weights, ids, found, g,
                        attributes));
}

// The gradient of input `which` as a function of x, the weights and g, through the logits; what was
// found depends on them too.
template <int which>
void second_rule(GradientContext& context) {
  const auto again = [](const Tensor& x) { return reshape(reshape(x, {1, -1}), x.shape()); };
  const Tensor x = again(context.input(0)), weights = again(context.input(1)),
               g = again(reshape(context.input(4), {-1, 1}));
  const Tensor losses =
      softmax_cross_entropy(matmul(x, weights, {.right = true}), context.input(2),
                            {.ignore_index = context.attributes<Attributes>().ignore_index,
                             .reduction = Reduction::none});
  const Tensor first[] = {which == 0 ? x : weights};
  const Tensor inner = vector_jacobian_product(losses, reshape(g, {-1}), first, Unreached::zero)[0];
  const Tensor inputs[] = {x, weights, g};
  const auto outer = vector_jacobian_product(inner, context.gradient(), inputs, Unreached::zero);
  if (context.needs(0)) context.add(0, outer[0]);
  if (context.needs(1)) context.add(1, outer[1]);
  if (context.needs(4)) context.add(4, reshape(outer[2], context.input(4).shape()));
}

std::vector<OperationCase> check_cases() {
  const auto with = [](std::vector<Index> ids, Reduction reduction) {
    return [=](std::span<const Tensor> x) {
      return linear_cross_entropy(x[0], x[1], x[0].tape().ids(ids), {.reduction = reduction});
    };
  };
  return {{.name = "rows", .inputs = {{3, 2}, {4, 2}}, .apply = with({1, 3, 0}, Reduction::none)},
          {.name = "mean, one ignored",
           .inputs = {{3, 2}, {4, 2}},
           .apply = with({1, -100, 2}, Reduction::mean)},
          {.name = "one row", .inputs = {{1, 3}, {2, 3}}, .apply = with({1}, Reduction::sum)},
          {.name = "several blocks",
           .inputs = {{130, 2}, {258, 2}},
           .apply = with(std::vector<Index>(130, 257), Reduction::mean)},
          {.name = "no rows", .inputs = {{0, 2}, {3, 2}}, .apply = with({}, Reduction::sum)}};
}

}  // namespace

constinit const Operation linear_cross_entropy_operation{.name = "linear_cross_entropy",
                                                         .form = Form::whole,
                                                         .inputs = 3,
                                                         .tiling = Tiling::output_rows,
                                                         .shape = loss_shape,
                                                         .cost = loss_cost,
                                                         .kernel_float = loss_kernel<float>,
                                                         .kernel_double = loss_kernel<double>,
                                                         .gradient = loss_gradient,
                                                         .cases = check_cases};

constinit const Operation linear_cross_entropy_input_gradient_operation{
    .name = "linear_cross_entropy gradient",
    .form = Form::whole,
    .inputs = 5,
    .tiling = Tiling::output_rows,
    .shape = like_first,
    .cost = gradient_cost,
    .kernel_float = input_kernel<float>,
    .kernel_double = input_kernel<double>,
    .gradient = second_rule<0>};

constinit const Operation linear_cross_entropy_weight_gradient_operation{
    .name = "linear_cross_entropy weight gradient",
    .form = Form::whole,
    .inputs = 5,
    .tiling = Tiling::output_rows,
    .shape = [](const ShapeContext& context) { return *context.inputs[1]; },
    .cost = gradient_cost,
    .kernel_float = weight_kernel<float>,
    .kernel_double = weight_kernel<double>,
    .gradient = second_rule<1>};

Tensor linear_cross_entropy(const Located& x, const Located& weights, const Located& classes,
                            const LinearCrossEntropyOptions& options) {
  const CalledAs call(x.tensor.tape(), "linear_cross_entropy");
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor inputs[] = {x.tensor, weights.tensor, classes.tensor};
  const Attributes attributes{options.ignore_index};
  const Tensor found = record(linear_cross_entropy_operation, inputs, bytes_of(attributes), x.line);
  const Tensor losses = reshape(at(slice(at(found), -1, 0, 1)), {-1});
  if (options.reduction == Reduction::none) return losses;
  const Tensor all = sum(at(losses));
  if (options.reduction == Reduction::sum) return all;
  // 0 if no target counts, by the guard.
  return guarded_quotient(at(all), sum(at(padding_mask(classes, options.ignore_index))));
}

}  // namespace tapegrad
