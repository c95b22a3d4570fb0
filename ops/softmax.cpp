// eˣ / Σ eˣ over the last axis, the largest element subtracted first; other axes go through a
// transposition.
#include <algorithm>
#include <limits>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

template <class T>
void softmax_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    rows::softmax(row, columns, rows::largest(row, columns), context.out<T>() + r * columns);
  }
}

template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* g = context.row<T>(0, r);
    const T* y = context.row<T>(1, r);
    T* __restrict out = context.out<T>() + r * columns;
    const T dot =
        static_cast<T>(sum_of<T>(columns, [g, y](Index c) { return guarded_by_both(y[c], g[c]); }));
    for (Index c = 0; c < columns; ++c) out[c] = guarded_by_both(y[c], g[c] - dot);
  }
}

// y·(g - s), s = Σ g·y; for an outer gradient o: to g, the same form; to y, o·(g - s) - g·Σ o·y.
void second_rule(GradientContext& context) {
  const Tensor o = context.gradient();
  const Tensor g = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, softmax_gradient(o, y));
  if (context.needs(1)) {
    const Tensor first = guarded_product(o, g - sum(guarded_product(g, y), {-1}, true));
    context.add(1, first - doubly_guarded_product(sum(guarded_product(o, y), {-1}, true), g));
  }
}

Type shape_rule(const ShapeContext& context) {
  if (context.shape(0).rank() == 0) throw ShapeError("a scalar has no axis");
  return *context.inputs[0];
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return square(softmax(x[0])); };
  return {
      {.name = "rows", .inputs = {{2, 4}}, .apply = apply},
      {.name = "one row", .inputs = {{1, 3}}, .apply = apply},
      {.name = "first axis",
       .inputs = {{3, 2}},
       .apply = [](std::span<const Tensor> x) { return square(softmax(x[0], 0)); }},
      {.name = "a column slice",
       .inputs = {{2, 5}},
       .apply = [](std::span<const Tensor> x) { return square(softmax(slice(x[0], 1, 1, 4))); }},
      {.name = "empty", .inputs = {{0, 4}}, .apply = apply}};
}

}  // namespace

constinit const Operation softmax_operation{
    .name = "softmax",
    .form = Form::rows,
    .inputs = 1,
    .stacking = Stacking::rows,
    .tiling = Tiling::output_rows,
    .work = 6.0F,
    .shape = shape_rule,
    .kernel_float = softmax_kernel<float>,
    .kernel_double = softmax_kernel<double>,
    .gradient =
        [](GradientContext& context) {
          context.add(0, softmax_gradient(context.gradient(), context.output()));
        },
    .cases = check_cases};

constinit const Operation softmax_gradient_operation{.name = "softmax gradient",
                                                     .form = Form::rows,
                                                     .inputs = 2,
                                                     .stacking = Stacking::rows,
                                                     .tiling = Tiling::output_rows,
                                                     .work = 2.0F,
                                                     .shape = like_first,
                                                     .kernel_float = gradient_kernel<float>,
                                                     .kernel_double = gradient_kernel<double>,
                                                     .gradient = second_rule};

Tensor softmax_gradient(const Located& gradient, const Located& y) {
  return record(softmax_gradient_operation, gradient, y);
}

Tensor softmax(const Located& x, int axis) {
  const CalledAs call(x.tensor.tape(), "softmax");
  return rows::along_axis(x, axis,
                          [](const Located& turned) { return record(softmax_operation, turned); });
}

}  // namespace tapegrad
