// x - log Σ eˣ over the last axis.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    T* __restrict out = context.out<T>() + r * columns;
    const rows::LogSumExp<T> found(row, columns);
    for (Index c = 0; c < columns; ++c) out[c] = found.log_share(row[c]);
  }
}

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  context.add(0, g - guarded_product(sum(g, {-1}, true), exp(context.output())));
}

Type shape_rule(const ShapeContext& context) {
  if (context.shape(0).rank() == 0) throw ShapeError("a scalar has no axis");
  return *context.inputs[0];
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return square(log_softmax(x[0])); };
  return {{.name = "rows", .inputs = {{2, 4}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 3}}, .apply = apply},
          {.name = "first axis",
           .inputs = {{3, 2}},
           .apply = [](std::span<const Tensor> x) { return square(log_softmax(x[0], 0)); }},
          {.name = "empty", .inputs = {{0, 4}}, .apply = apply}};
}

}  // namespace

constinit const Operation log_softmax_operation{.name = "log_softmax",
                                                .form = Form::rows,
                                                .inputs = 1,
                                                .stacking = Stacking::rows,
                                                .tiling = Tiling::output_rows,
                                                .work = 6.0F,
                                                .shape = shape_rule,
                                                .kernel_float = kernel<float>,
                                                .kernel_double = kernel<double>,
                                                .gradient = gradient_rule,
                                                .cases = check_cases};

Tensor log_softmax(const Located& x, int axis) {
  const CalledAs call(x.tensor.tape(), "log_softmax");
  return rows::along_axis(
      x, axis, [](const Located& turned) { return record(log_softmax_operation, turned); });
}

}  // namespace tapegrad
