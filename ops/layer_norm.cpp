// (x - mean) / √(variance + ε) over the last axis.
#include <algorithm>
#include <cmath>
#include <limits>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  double epsilon;
};

// Of a row shifted by its first element, so that numbers that are close to each other and far from
// 0 keep their differences. A number x of the row becomes (x - shift - mean)·scale.
template <class T>
struct Moments {
  T shift;  // the first number
  T mean;   // of the shifted numbers
  T scale;  // 1/√(variance + ε)

  Moments(const T* row, Index columns, double epsilon) : shift(columns == 0 ? T{0} : row[0]) {
    const double share = 1.0 / static_cast<double>(columns);
    const T s = shift;
    const double m = sum_of<T>(columns, [row, s](Index c) { return row[c] - s; }) * share;
    mean = static_cast<T>(m);
    const T rounded = mean;
    const double squares = sum_of<T>(columns, [row, s, rounded](Index c) {
      const T deviation = (row[c] - s) - rounded;
      return deviation * deviation;
    });
    const double variance = squares * share;
    const bool fits = variance <= static_cast<double>(std::numeric_limits<T>::max());
    scale = static_cast<T>(
        1.0 / (fits ? std::sqrt(variance + epsilon) : wide_deviation(row, columns, m)));
  }

  T deviation(T x) const { return (x - shift) - mean; }

 private:
  // The standard deviation of numbers whose squared deviations are beyond the range of T, or which
  // are not numbers. ε is far below.
  double wide_deviation(const T* row, Index columns, double m) const {
    double top = 0.0;
    for (Index c = 0; c < columns; ++c)
      top = std::max(top, std::abs(static_cast<double>(row[c]) - static_cast<double>(shift) - m));
    double squares = 0.0;
    for (Index c = 0; c < columns; ++c) {
      const double part = (static_cast<double>(row[c]) - static_cast<double>(shift) - m) / top;
      squares += part * part;
    }
    return std::sqrt(squares / static_cast<double>(columns)) * top;
  }
};

template <class T>
void norm_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    T* __restrict out = context.out<T>() + r * columns;
    const Moments<T> moments(row, columns, context.attributes<Attributes>().epsilon);
    for (Index c = 0; c < columns; ++c) out[c] = moments.deviation(row[c]) * moments.scale;
  }
}

// scale·(g - mean(g) - y·mean(g·y)), y the normalised row.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  const double share = 1.0 / static_cast<double>(columns);
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    const T* g = context.row<T>(1, r);
    T* __restrict out = context.out<T>() + r * columns;
    // A row without a gradient did not count, whatever its numbers are.
    if (std::all_of(g, g + columns, [](T x) { return x == T{0}; })) {
      std::fill_n(out, columns, T{0});
      continue;
    }
    const Moments<T> moments(row, columns, context.attributes<Attributes>().epsilon);
    const T mean_g = static_cast<T>(rows::total(g, columns) * share);
    const auto product = [&](Index c) {
      return g[c] * (moments.deviation(row[c]) * moments.scale);
    };
    const T along = static_cast<T>(sum_of<T>(columns, product) * share);
    for (Index c = 0; c < columns; ++c)
      out[c] = moments.scale * (g[c] - mean_g - moments.deviation(row[c]) * moments.scale * along);
  }
}

void gradient_rule(GradientContext& context) {
  context.add(0, record(layer_norm_gradient_operation, Located(context.input(0)),
                        Located(context.gradient()), context.attributes<Attributes>()));
}

void second_rule(GradientContext& context) {
  const double epsilon = context.attributes<Attributes>().epsilon;
  add_composite_gradient(context, [epsilon](std::span<const Tensor> x) {
    const Tensor centred = x[0] - mean(x[0], {-1}, true);
    return centred * rsqrt(mean(square(centred), {-1}, true) + epsilon);
  });
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return square(layer_norm(x[0])) * x[0]; };
  return {{.name = "rows", .inputs = {{3, 4}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 5}}, .apply = apply},
          {.name = "three axes", .inputs = {{2, 2, 3}}, .apply = apply},
          {.name = "empty", .inputs = {{0, 4}}, .apply = apply}};
}

}  // namespace

constinit const Operation layer_norm_operation{.name = "layer_norm",
                                               .form = Form::rows,
                                               .inputs = 1,
                                               .stacking = Stacking::rows,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape =
                                                   [](const ShapeContext& context) {
                                                     if (context.shape(0).rank() == 0)
                                                       throw ShapeError("a scalar has no axis");
                                                     return *context.inputs[0];
                                                   },
                                               .kernel_float = norm_kernel<float>,
                                               .kernel_double = norm_kernel<double>,
                                               .gradient = gradient_rule,
                                               .cases = check_cases};

constinit const Operation layer_norm_gradient_operation{.name = "layer_norm gradient",
                                                        .form = Form::rows,
                                                        .inputs = 2,
                                                        .stacking = Stacking::rows,
                                                        .tiling = Tiling::output_rows,
                                                        .work = 8.0F,
                                                        .shape = like_first,
                                                        .kernel_float = gradient_kernel<float>,
                                                        .kernel_double = gradient_kernel<double>,
                                                        .gradient = second_rule};

Tensor layer_norm(const Located& x, double epsilon) {
  return record(layer_norm_operation, x, Attributes{epsilon});
}

}  // namespace tapegrad
