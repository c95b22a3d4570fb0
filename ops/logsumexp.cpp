#include <algorithm>
#include <limits>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  for (Index r = context.begin; r < context.end; ++r) {
    context.out<T>()[r] =
        rows::LogSumExp<T>(context.row<T>(0, r), context.inputs[0].columns).value();
  }
}

// The softmax; zeros for a row of -inf alone.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    T* out = context.out<T>() + r * columns;
    const T top = rows::largest(row, columns);
    if (top == -std::numeric_limits<T>::infinity())
      std::fill_n(out, columns, T{0});
    else
      rows::softmax(row, columns, top, out);
  }
}

void gradient_rule(GradientContext& context) {
  const Tensor x = context.input(0);
  const Tensor g = reshape(context.gradient(), x.shape().with(-1, 1));
  context.add(0, guarded_product(g, record(logsumexp_gradient_operation, x)));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "rows",
           .inputs = {{2, 4}},
           .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0])); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0], 1, true)); }},
          {.name = "first axis",
           .inputs = {{3, 2}},
           .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0], 0)); }},
          {.name = "empty", .inputs = {{0, 4}}, .apply = [](std::span<const Tensor> x) {
             return logsumexp(x[0]);
           }}};
}

}  // namespace

constinit const Operation logsumexp_operation{
    .name = "logsumexp",
    .form = Form::rows,
    .inputs = 1,
    .stacking = Stacking::rows,
    .tiling = Tiling::input_rows,
    .work = 6.0F,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0).without(-1), context.inputs[0]->dtype};
        },
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation logsumexp_gradient_operation{
    .name = "logsumexp gradient",
    .form = Form::rows,
    .inputs = 1,
    .stacking = Stacking::rows,
    .tiling = Tiling::output_rows,
    .work = 6.0F,
    .shape = like_first,
    .kernel_float = gradient_kernel<float>,
    .kernel_double = gradient_kernel<double>,
    .gradient = [](GradientContext& context) {
      context.add(0, softmax_gradient(context.gradient(), context.output()));
    }};

Tensor logsumexp(const Located& x, int axis, bool keep_axis) {
  const CalledAs call(x.tensor.tape(), "logsumexp");
  const int rank = x.shape().rank();
  if (rank > 0) check_axis(x, axis);
  const int counted = axis < 0 ? axis + rank : axis;
  Tensor turned = x.tensor;
  if (rank > 0 && counted != rank - 1) {
    std::vector<int> order;
    for (int i = 0; i < rank; ++i) {
      if (i != counted) order.push_back(i);
    }
    order.push_back(counted);
    turned = transpose(x, order);
  }
  const Tensor result = record(logsumexp_operation, {turned, x.line});
  return keep_axis ? reshape({result, x.line}, x.shape().with(axis, 1)) : result;
}

}  // namespace tapegrad
