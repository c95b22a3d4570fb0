#include <array>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index rank;
  Index extents[Shape::max_rank];
};

Type shape_rule(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const Shape wanted(
      std::span<const Index>(attributes.extents, static_cast<std::size_t>(attributes.rank)));
  const auto shape = broadcast(context.shape(0), wanted);
  if (!shape || *shape != wanted) {
    throw ShapeError(fmt::format("{} does not broadcast to {}", context.shape(0).to_string(),
                                 wanted.to_string()));
  }
  return {wanted, context.inputs[0]->dtype};
}

// Rows of the output, each from one row of the input: repeated elements of the last axis, or a
// copy.
template <class T>
void kernel(const KernelContext& context) {
  const Shape& from = context.shape(0);
  const Shape& to = context.output_shape();
  const Index columns = to.columns();
  if (to.size() == 0) return;
  std::array<Index, Shape::max_rank> strides{};
  Index stride = from.columns();
  for (int axis = 2; axis <= from.rank(); ++axis) {
    strides[static_cast<std::size_t>(to.rank() - axis)] = from[-axis] == 1 ? 0 : stride;
    stride *= from[-axis];
  }
  const bool repeats = from.columns() == 1;
  for (Index row = context.begin; row < context.end; ++row) {
    Index rest = row;
    Index offset = 0;
    for (int axis = to.rank() - 2; axis >= 0; --axis) {
      offset += rest % to[axis] * strides[static_cast<std::size_t>(axis)];
      rest /= to[axis];
    }
    const T* in = context.in<T>(0) + offset;
    T* out = context.out<T>() + row * columns;
    if (repeats)
      std::fill_n(out, columns, *in);
    else
      std::copy_n(in, columns, out);
  }
}

std::vector<OperationCase> check_cases() {
  const auto to = [](Shape shape) {
    return [shape](std::span<const Tensor> x) { return square(broadcast_to(x[0], shape)); };
  };
  return {{.name = "row", .inputs = {{3}}, .apply = to({2, 3})},
          {.name = "column", .inputs = {{2, 1}}, .apply = to({2, 3})},
          {.name = "scalar", .inputs = {Shape{}}, .apply = to({2, 3})},
          {.name = "middle", .inputs = {{2, 1, 2}}, .apply = to({2, 3, 2})},
          {.name = "new axis", .inputs = {{2, 2}}, .apply = to({3, 2, 2})},
          {.name = "one row", .inputs = {{1, 1}}, .apply = to({1, 3})},
          {.name = "empty", .inputs = {{1, 3}}, .apply = to({0, 3})}};
}

}  // namespace

constinit const Operation broadcast_to_operation{
    .name = "broadcast_to",
    .form = Form::whole,
    .inputs = 1,
    .tiling = Tiling::output_rows,
    .shape = shape_rule,
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient =
        [](GradientContext& context) {
          context.add(0, sum_to(context.gradient(), context.input(0)));
        },
    .cases = check_cases};

Tensor broadcast_to(const Located& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  Attributes attributes{.rank = shape.rank(), .extents = {}};
  std::ranges::copy(shape.extents(), attributes.extents);
  return record(broadcast_to_operation, x, attributes);
}

}  // namespace tapegrad
