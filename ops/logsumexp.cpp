#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  for (Index r = context.begin; r < context.end; ++r) {
    context.out<T>()[r] = rows::log_sum_exp(context.row<T>(0, r), context.inputs[0].columns);
  }
}

void gradient_rule(GradientContext& context) {
  const Tensor x = context.input(0);
  context.add(0, softmax(x) * reshape(context.gradient(), x.shape().with(-1, 1)));
}

std::vector<OperationCase> check_cases() {
  return {
      {.name = "rows", .inputs = {{2, 4}}, .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0])); }},
      {.name = "one row",
       .inputs = {{1, 3}},
       .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0], 1, true)); }},
      {.name = "first axis", .inputs = {{3, 2}}, .apply = [](std::span<const Tensor> x) { return square(logsumexp(x[0], 0)); }},
      {.name = "empty", .inputs = {{0, 4}}, .apply = [](std::span<const Tensor> x) { return logsumexp(x[0]); }}};
}

}  // namespace

constinit const Operation logsumexp_operation{.name = "logsumexp",
                                              .form = Form::rows,
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

Tensor logsumexp(const Located& x, int axis, bool keep_axis) {
  const int rank = x.shape().rank();
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
