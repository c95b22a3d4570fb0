// What the files of operations share.
#pragma once

#include <span>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/elementwise.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/gradient_context.h>
#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/tensor.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad {

// Records an elementwise operation of two or three inputs; what NumPy's rules broadcast in a way that kernels do not is copied.
Tensor elementwise(const Operation& operation, const Located& x, const Located& y);
Tensor elementwise(const Operation& operation, const Located& x, const Located& y, const Located& z);

// The way back of a broadcast: the sum over what was repeated.
Tensor sum_to(const Tensor& x, const Shape& shape);

// A scalar beside x.
Tensor scalar_like(const Located& x, double value);

// Type rules.
Type like_first(const ShapeContext& context);
inline std::string shapes_of(const ShapeContext& context) {
  std::string text;
  for (const Type* type : context.inputs) text += (text.empty() ? "" : ", ") + type->shape.to_string();
  return text;
}

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
