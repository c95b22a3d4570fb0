// Products that are compositions.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {

Tensor dot(const Located& x, const Located& y, int axis) {
  const CalledAs call(x.tensor.tape(), "dot");
  return sum({multiply(x, y), x.line}, {axis});
}

Tensor outer(const Located& x, const Located& y) {
  const CalledAs call(x.tensor.tape(), "outer");
  if (x.shape().rank() != 1 || y.shape().rank() != 1) {
    throw ShapeError(fmt::format("outer: needs two vectors; got {} and {}; {}",
                                 x.shape().to_string(), y.shape().to_string(),
                                 x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  const Tensor column = reshape(x, Shape{x.shape().size(), 1});
  return multiply({column, x.line}, y);
}

}  // namespace tapegrad
