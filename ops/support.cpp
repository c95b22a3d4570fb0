#include <tapegrad/ops/support.h>

#include <array>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {
namespace {

Located fitted(const Located& x, const Shape& shape) {
  if (broadcast_kind(x.shape(), shape) != Broadcast::other) return x;
  return {broadcast_to(x, shape), x.line};
}

}  // namespace

void check_axis(const Located& x, int axis) {
  const Shape& shape = x.shape();
  if (axis >= -shape.rank() && axis < shape.rank()) return;
  const Tape& tape = x.tensor.tape();
  throw ShapeError(fmt::format("{}: axis {} is outside of {}, which has {} axes; {}",
                               tape.told_name("axis"), axis, shape.to_string(), shape.rank(),
                               tape.place({&x.tensor, 1}, x.line)));
}

Tensor elementwise(const Operation& operation, const Located& x, const Located& y) {
  const Tensor* const inputs[] = {&x.tensor, &y.tensor};
  if (const Tensor known = x.tensor.tape().record_again(operation, inputs, 0, x.line)) return known;
  for (const Tensor& input : {x.tensor, y.tensor})
    x.tensor.tape().check(input, x.tensor.tape().told_name(operation.name));
  const auto shape = broadcast(x.shape(), y.shape());
  if (!shape) return record(operation, x, y);  // which tells what does not fit
  return record(operation, fitted(x, *shape), fitted(y, *shape));
}

Tensor elementwise(const Operation& operation, const Located& x, const Located& y,
                   const Located& z) {
  const Tensor* const inputs[] = {&x.tensor, &y.tensor, &z.tensor};
  if (const Tensor known = x.tensor.tape().record_again(operation, inputs, 0, x.line)) return known;
  for (const Tensor& input : {x.tensor, y.tensor, z.tensor})
    x.tensor.tape().check(input, x.tensor.tape().told_name(operation.name));
  const auto pair = broadcast(x.shape(), y.shape());
  const auto shape = pair ? broadcast(*pair, z.shape()) : std::nullopt;
  if (!shape) return record(operation, x, y, z);
  return record(operation, fitted(x, *shape), fitted(y, *shape), fitted(z, *shape));
}

Tensor sum_to(const Tensor& x, const Tensor& like) {
  const std::vector<Node>& nodes = x.tape().structure().nodes;
  if (nodes[x.node()].type == nodes[like.node()].type) return x;
  const Shape from = x.shape();
  const Shape shape = like.shape();
  std::vector<int> axes;
  const int added = from.rank() - shape.rank();
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (axis < added || (shape[axis - added] == 1 && from[axis] != 1)) axes.push_back(axis);
  }
  const Tensor summed = axes.empty() ? x : sum(x, axes);
  return summed.shape() == shape ? summed : reshape(summed, shape);
}

Tensor scalar_like(const Located& x, double value) {
  return x.tensor.tape().constant(value, x.line);
}

std::array<bool, Shape::max_rank> reduced_axes(const char* operation, const Located& x,
                                               std::span<const int> axes) {
  std::array<bool, Shape::max_rank> reduced{};
  reduced.fill(axes.empty());
  for (const int axis : axes) {
    try {
      reduced[static_cast<std::size_t>(x.shape().normalised(axis))] = true;
    } catch (const ShapeError& error) {
      throw ShapeError(fmt::format("{}: {}; {}", operation, error.what(),
                                   x.tensor.tape().place({&x.tensor, 1}, x.line)));
    }
  }
  return reduced;
}

Type like_first(const ShapeContext& context) { return *context.inputs[0]; }

void check_ids(const ShapeContext& context, std::size_t input) {
  if (context.inputs[input]->dtype != Dtype::int64) {
    throw ShapeError(fmt::format("ids must be int64, got {} of shape {}",
                                 name_of(context.inputs[input]->dtype),
                                 context.shape(input).to_string()));
  }
}

}  // namespace tapegrad
