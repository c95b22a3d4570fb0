// (x - mean) / √(variance + ε) over the last axis.
#include <cmath>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  double epsilon;
};

template <class T>
struct Moments {
  T mean, scale;  // scale = 1/√(variance + ε)
  Moments(const T* row, Index columns, double epsilon) {
    const T share = T{1} / static_cast<T>(columns);
    mean = rows::total(row, columns) * share;
    const T m = mean;
    const T variance = rows::sum_of<T>(columns, [row, m](Index c) { return (row[c] - m) * (row[c] - m); }) * share;
    scale = T{1} / std::sqrt(variance + static_cast<T>(epsilon));
  }
};

template <class T>
void norm_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    T* __restrict out = context.out<T>() + r * columns;
    const Moments<T> moments(row, columns, context.attributes<Attributes>().epsilon);
    for (Index c = 0; c < columns; ++c) out[c] = (row[c] - moments.mean) * moments.scale;
  }
}

// scale·(g - mean(g) - y·mean(g·y)), y the normalised row.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  const T share = T{1} / static_cast<T>(columns);
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    const T* g = context.row<T>(1, r);
    T* __restrict out = context.out<T>() + r * columns;
    const Moments<T> moments(row, columns, context.attributes<Attributes>().epsilon);
    const T mean_g = rows::total(g, columns) * share;
    const T along = rows::sum_of<T>(columns, [&](Index c) { return g[c] * (row[c] - moments.mean); }) * moments.scale * share;
    for (Index c = 0; c < columns; ++c)
      out[c] = moments.scale * (g[c] - mean_g - (row[c] - moments.mean) * moments.scale * along);
  }
}

void gradient_rule(GradientContext& context) {
  context.add(0, record(layer_norm_gradient_operation, Located(context.input(0)), Located(context.gradient()),
                        context.attributes<Attributes>()));
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
                                               .stacking = Stacking::rows,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape =
                                                   [](const ShapeContext& context) {
                                                     if (context.shape(0).rank() == 0) throw ShapeError("a scalar has no axis");
                                                     return *context.inputs[0];
                                                   },
                                               .kernel_float = norm_kernel<float>,
                                               .kernel_double = norm_kernel<double>,
                                               .gradient = gradient_rule,
                                               .cases = check_cases};

constinit const Operation layer_norm_gradient_operation{.name = "layer_norm gradient",
                                                        .form = Form::rows,
                                                        .stacking = Stacking::rows,
                                                        .tiling = Tiling::output_rows,
                                                        .work = 8.0F,
                                                        .shape = like_first,
                                                        .kernel_float = gradient_kernel<float>,
                                                        .kernel_double = gradient_kernel<double>,
                                                        .gradient = second_rule};

Tensor layer_norm(const Located& x, double epsilon) { return record(layer_norm_operation, x, Attributes{epsilon}); }

}  // namespace tapegrad
