// A softmax over what a mask leaves; a row of which it leaves nothing is zeros.
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
    const T* mask = context.row<T>(1, r);
    T* __restrict out = context.out<T>() + r * columns;
    for (Index c = 0; c < columns; ++c)
      out[c] = mask[c] != T{0} ? row[c] : -std::numeric_limits<T>::infinity();
    const T top = rows::largest(out, columns);
    const T shift = top == -std::numeric_limits<T>::infinity() ? T{0} : top;
    for (Index c = 0; c < columns; ++c)
      out[c] = mask[c] != T{0} ? vector_math::exp(row[c] - shift) : T{0};
    const double sum = rows::total(out, columns);
    const T scale = static_cast<T>(sum == 0.0 ? 0.0 : 1.0 / sum);
    for (Index c = 0; c < columns; ++c) out[c] *= scale;
  }
}

Type shape_rule(const ShapeContext& context) {
  if (*context.inputs[0] != *context.inputs[1]) {
    throw ShapeError(fmt::format("the mask must be like the input; input {}, mask {}",
                                 context.shape(0).to_string(), context.shape(1).to_string()));
  }
  return *context.inputs[0];
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) {
    const Tensor mask = x[0].tape().input(std::vector<double>{1, 0, 1, 1, 0, 0, 0, 0}, {2, 4});
    return square(masked_softmax(x[0], mask));
  };
  return {
      {.name = "rows, one without any", .inputs = {{2, 4}}, .apply = apply},
      {.name = "one mask for all", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) {
         return square(masked_softmax(x[0], x[0].tape().input(std::vector<double>{1, 0, 1}, {3})));
       }}};
}

}  // namespace

constinit const Operation masked_softmax_operation{
    .name = "masked_softmax",
    .form = Form::rows,
    .inputs = 2,
    .stacking = Stacking::rows,
    .tiling = Tiling::output_rows,
    .work = 8.0F,
    .shape = shape_rule,
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient =
        [](GradientContext& context) {
          context.add(0, softmax_gradient(context.gradient(), context.output()));
        },
    .cases = check_cases};

Tensor masked_softmax(const Located& x, const Located& mask) {
  return record(masked_softmax_operation, x, {broadcast_to(mask, x.shape()), mask.line});
}

}  // namespace tapegrad
