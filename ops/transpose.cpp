// Axes in another order.
#include <algorithm>
#include <array>
#include <numeric>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  std::int32_t order[Shape::max_rank];
};

Type shape_rule(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const Shape& shape = context.shape(0);
  std::array<bool, Shape::max_rank> seen{};
  std::vector<Index> extents;
  for (int i = 0; i < shape.rank(); ++i) {
    const int axis = attributes.order[i];
    if (axis < 0 || axis >= shape.rank() || seen[static_cast<std::size_t>(axis)]) {
      throw ShapeError(fmt::format("the order must name each axis of {} once", shape.to_string()));
    }
    seen[static_cast<std::size_t>(axis)] = true;
    extents.push_back(shape[axis]);
  }
  return {Shape(std::span<const Index>(extents)), context.inputs[0]->dtype};
}

template <class Number>
void permute(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const Shape& from = context.shape(0);
  const Shape& to = context.output_shape();
  const int rank = from.rank();
  if (to.size() == 0) return;
  std::array<Index, Shape::max_rank> strides{};
  for (int i = 0; i < rank; ++i)
    strides[static_cast<std::size_t>(i)] = from.product(attributes.order[i] + 1, rank);
  const Index columns = to.columns();
  const Index step = rank == 0 ? 1 : strides[static_cast<std::size_t>(rank) - 1];
  const auto* in = reinterpret_cast<const Number*>(context.inputs[0].data);
  auto* out = reinterpret_cast<Number*>(context.output.data);
  for (Index row = context.begin; row < context.end; ++row) {
    Index rest = row;
    Index offset = 0;
    for (int axis = rank - 2; axis >= 0; --axis) {
      offset += rest % to[axis] * strides[static_cast<std::size_t>(axis)];
      rest /= to[axis];
    }
    for (Index c = 0; c < columns; ++c) out[row * columns + c] = in[offset + c * step];
  }
}

void kernel(const KernelContext& context) {
  if (size_of(context.output_type->dtype) == 4)
    permute<std::int32_t>(context);
  else
    permute<std::int64_t>(context);
}

void gradient_rule(GradientContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  std::vector<int> inverse(static_cast<std::size_t>(context.input(0).shape().rank()));
  for (std::size_t i = 0; i < inverse.size(); ++i)
    inverse[static_cast<std::size_t>(attributes.order[i])] = static_cast<int>(i);
  context.add(0, transpose(context.gradient(), inverse));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "matrix",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(transpose(x[0])); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return square(transpose(x[0])); }},
          {.name = "three axes",
           .inputs = {{2, 3, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(transpose(x[0], {2, 0, 1}));
               }},
          {.name = "empty", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return transpose(x[0]);
           }}};
}

}  // namespace

constinit const Operation permute_operation{.name = "transpose",
                                            .form = Form::whole,
                                            .inputs = 1,
                                            .tiling = Tiling::output_rows,
                                            .work = 4.0F,
                                            .moves = true,
                                            .shape = shape_rule,
                                            .kernel_float = kernel,
                                            .kernel_double = kernel,
                                            .gradient = gradient_rule,
                                            .cases = check_cases};

Tensor transpose(const Located& x, std::span<const int> order) {
  const int rank = x.shape().rank();
  std::vector<int> axes(order.begin(), order.end());
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    if (rank >= 2)
      std::swap(axes[static_cast<std::size_t>(rank) - 1], axes[static_cast<std::size_t>(rank) - 2]);
  }
  if (static_cast<int>(axes.size()) != rank) {
    throw ShapeError(fmt::format("transpose: {} has {} axes, the order names {}; {}",
                                 x.shape().to_string(), rank, axes.size(),
                                 x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  Attributes attributes{};
  for (std::size_t i = 0; i < axes.size(); ++i)
    attributes.order[i] = axes[i] < 0 ? axes[i] + rank : axes[i];
  return record(permute_operation, x, attributes);
}

Tensor transpose(const Located& x, std::initializer_list<int> order) {
  return transpose(x, std::span<const int>(order.begin(), order.size()));
}

}  // namespace tapegrad
