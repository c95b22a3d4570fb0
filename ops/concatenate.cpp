#include <cstring>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

Type shape_rule(const ShapeContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  const Shape& first = context.shape(0);
  Index extent = 0;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const Shape& shape = context.shape(i);
    const bool fits = shape.rank() == first.rank() &&
                      context.inputs[i]->dtype == context.inputs[0]->dtype && shape.rank() > 0 &&
                      shape.with(axis, first[axis]) == first;
    if (!fits) {
      throw ShapeError(
          fmt::format("inputs must be alike except along axis {}; input 0 {}, input {} {}", axis,
                      first.to_string(), i, shape.to_string()));
    }
    extent += shape[axis];
  }
  return {first.with(axis, extent), context.inputs[0]->dtype};
}

bool joins(const Shape& output, const void* attributes) {
  return output.product(
             0, static_cast<int>(static_cast<const AxisAttributes*>(attributes)->axis)) == 1;
}

template <class T>
void kernel(const KernelContext& context) {
  const AxisView view(context.output_shape(),
                      static_cast<int>(context.attributes<AxisAttributes>().axis));
  const std::size_t element = size_of(context.output_type->dtype);
  const std::size_t stride = static_cast<std::size_t>(view.extent * view.inner) * element;
  std::size_t at = 0;
  for (const Matrix& input : context.inputs) {
    const std::size_t bytes =
        view.outer == 0 ? 0 : static_cast<std::size_t>(input.size() / view.outer) * element;
    for (Index o = 0; o < view.outer && bytes > 0; ++o) {
      std::memcpy(context.output.data + static_cast<std::size_t>(o) * stride + at,
                  input.data + static_cast<std::size_t>(o) * bytes, bytes);
    }
    at += bytes;
  }
}

void gradient_rule(GradientContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  const Tensor g = context.gradient();
  Index at = 0;
  for (std::size_t i = 0; i < context.input_count(); ++i) {
    const Index extent = context.input(i).shape()[axis];
    if (context.needs(i)) context.add(i, slice(g, axis, at, at + extent));
    at += extent;
  }
}

std::vector<OperationCase> check_cases() {
  return {{.name = "columns",
           .inputs = {{2, 1}, {2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(concatenate(x, 1)); }},
          {.name = "rows",
           .inputs = {{1, 3}, {2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(concatenate(x, 0)); }},
          {.name = "one row",
           .inputs = {{1, 2}, {1, 2}},
           .apply = [](std::span<const Tensor> x) { return square(concatenate(x)); }},
          {.name = "middle",
           .inputs = {{2, 1, 2}, {2, 2, 2}},
           .apply = [](std::span<const Tensor> x) { return square(concatenate(x, 1)); }},
          {.name = "twice the same",
           .inputs = {{2, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(concatenate({x[0], x[0]}, 0));
               }},
          {.name = "stack",
           .inputs = {{2, 2}, {2, 2}},
           .apply = [](std::span<const Tensor> x) { return square(stack(x, 1)); }},
          {.name = "empty part",
           .inputs = {{0, 2}, {2, 2}},
           .apply = [](std::span<const Tensor> x) { return concatenate(x, 0); }}};
}

}  // namespace

constinit const Operation concatenate_operation{.name = "concatenate",
                                                .form = Form::whole,
                                                .inputs = Arity::one_or_more,
                                                .moves = true,
                                                .joins = joins,
                                                .shape = shape_rule,
                                                .kernel_float = kernel<float>,
                                                .kernel_double = kernel<double>,
                                                .gradient = gradient_rule,
                                                .cases = check_cases};

Tensor concatenate(std::span<const Tensor> tensors, int axis, SourceLine line) {
  if (tensors.empty())
    throw ShapeError(
        fmt::format("concatenate: needs at least one tensor; at {}:{}", line.file, line.line));
  const int rank = tensors[0].shape().rank();
  const AxisAttributes attributes{axis < 0 && axis >= -rank ? axis + rank : axis};
  return record(concatenate_operation, tensors, bytes_of(attributes), line);
}

Tensor concatenate(std::initializer_list<Tensor> tensors, int axis, SourceLine line) {
  return concatenate(std::span<const Tensor>(tensors.begin(), tensors.size()), axis, line);
}

Tensor stack(std::span<const Tensor> tensors, int axis, SourceLine line) {
  if (tensors.empty())
    throw ShapeError(
        fmt::format("stack: needs at least one tensor; at {}:{}", line.file, line.line));
  const CalledAs call(tensors[0].tape(), "stack");
  std::vector<Tensor> expanded;
  for (const Tensor& tensor : tensors) {
    std::vector<Index> extents(tensor.shape().extents().begin(), tensor.shape().extents().end());
    const int place = axis < 0 ? axis + tensor.shape().rank() + 1 : axis;
    if (place < 0 || place > tensor.shape().rank()) {
      throw ShapeError(fmt::format("stack: axis {} is outside of {} with a new axis; at {}:{}",
                                   axis, tensor.shape().to_string(), line.file, line.line));
    }
    extents.insert(extents.begin() + place, 1);
    expanded.push_back(reshape({tensor, line}, extents));
  }
  return concatenate(expanded, axis, line);
}

}  // namespace tapegrad
