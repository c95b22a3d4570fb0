#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index diagonal;
};

Type shape_rule(const ShapeContext& context) {
  if (context.shape(0).rank() < 2)
    throw ShapeError(fmt::format("needs matrices, got {}", context.shape(0).to_string()));
  return *context.inputs[0];
}

template <class T>
void kernel(const KernelContext& context) {
  const Index rows = context.shape(0)[-2];
  const Index columns = context.output.columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const Index last = r % rows + context.attributes<Attributes>().diagonal;
    for (Index c = 0; c < columns; ++c)
      context.out<T>()[r * columns + c] = c <= last ? context.row<T>(0, r)[c] : T{0};
  }
}

std::vector<OperationCase> check_cases() {
  return {{.name = "square",
           .inputs = {{3, 3}},
           .apply = [](std::span<const Tensor> x) { return square(tril(x[0])); }},
          {.name = "below",
           .inputs = {{2, 3, 2}},
           .apply = [](std::span<const Tensor> x) { return square(tril(x[0], -1)); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return tril(x[0], 1); }},
          {.name = "empty", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return tril(x[0]);
           }}};
}

}  // namespace

constinit const Operation tril_operation{
    .name = "tril",
    .form = Form::whole,
    .inputs = 1,
    .tiling = Tiling::output_rows,
    .shape = shape_rule,
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient =
        [](GradientContext& context) {
          context.add(0,
                      record(tril_operation, context.gradient(), context.attributes<Attributes>()));
        },
    .cases = check_cases};

Tensor tril(const Located& x, Index diagonal) {
  return record(tril_operation, x, Attributes{diagonal});
}

}  // namespace tapegrad
