// What the files of operations share.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/elementwise.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/gradient_context.h>
#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/scratch.h>
#include <tapegrad/graph/tensor.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad {

// Throws ShapeError, in the name of the function that the user called, unless x has the axis.
void check_axis(const Located& x, int axis);

// Records an elementwise operation of two or three inputs; what NumPy's rules broadcast in a way
// that kernels do not is copied.
Tensor elementwise(const Operation& operation, const Located& x, const Located& y);
Tensor elementwise(const Operation& operation, const Located& x, const Located& y,
                   const Located& z);

// The way back of a broadcast of `like`: the sum over what was repeated.
Tensor sum_to(const Tensor& x, const Tensor& like);

// A scalar beside x.
Tensor scalar_like(const Located& x, double value);

// Type rules.
Type like_first(const ShapeContext& context);
inline std::string shapes_of(const ShapeContext& context) {
  std::string text;
  for (const Type* type : context.inputs)
    text += (text.empty() ? "" : ", ") + type->shape.to_string();
  return text;
}

// The extents of a shape in the making, on the stack: recording allocates nothing. Room for those
// of two shapes.
class Extents {
 public:
  Extents() = default;
  explicit Extents(std::span<const Index> extents) { append(extents); }
  void append(Index extent) { values_[count_++] = extent; }
  void append(std::span<const Index> extents) {
    for (const Index extent : extents) append(extent);
  }
  std::size_t size() const { return count_; }
  Index& operator[](std::size_t i) { return values_[i]; }
  // Throws ShapeError for more than a shape has.
  Shape shape() const { return Shape(std::span<const Index>(values_.data(), count_)); }

 private:
  std::array<Index, 2 * Shape::max_rank> values_{};
  std::size_t count_ = 0;
};

// Which axes of x are among `axes`; all of them if that is empty. Throws ShapeError, in the name of
// `operation`, for an axis that x does not have.
std::array<bool, Shape::max_rank> reduced_axes(const char* operation, const Located& x,
                                               std::span<const int> axes);

// Throws ShapeError unless an input is of int64.
void check_ids(const ShapeContext& context, std::size_t input);

// Whole items of a split by rows, such as images or heads: one of several rows belongs to the part
// that has its first row.
struct ItemRange {
  Index begin, end;
  ItemRange(const KernelContext& context, Index rows_of_item, Index count)
      : begin(first_from(context.begin, rows_of_item, count)),
        end(first_from(context.end, rows_of_item, count)) {}

 private:
  static Index first_from(Index row, Index rows_of_item, Index count) {
    return rows_of_item == 0 ? 0 : std::min(count, (row + rows_of_item - 1) / rows_of_item);
  }
};

// A part of a tensor seen as [outer, extent, inner] around one axis.
struct AxisView {
  Index outer = 1, extent = 1, inner = 1;
  AxisView(const Shape& shape, int axis)
      : outer(shape.product(0, shape.normalised(axis))),
        extent(shape[axis]),
        inner(shape.product(shape.normalised(axis) + 1, shape.rank())) {}
};

struct AxisAttributes {
  Index axis = 0;
};

}  // namespace tapegrad
