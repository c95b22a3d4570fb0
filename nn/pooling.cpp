#include <tapegrad/nn/pooling.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {
namespace {

// The axes from `first` on as one.
Tensor merged(const char* name, const Located& x, int first) {
  const Shape& shape = x.shape();
  if (shape.rank() < first) {
    throw ShapeError(fmt::format("{}: takes {} axes or more, got {}; {}", name, first,
                                 shape.to_string(), x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  std::vector<Index> extents;
  for (int axis = 0; axis < first; ++axis) extents.push_back(shape[axis]);
  extents.push_back(shape.product(first, shape.rank()));
  return reshape(x, extents);
}

}  // namespace

Tensor GlobalAvgPool::operator()(const Located& x) const {
  return mean({merged("global_avg_pool", x, 2), x.line}, {-1});
}

Tensor GlobalMaxPool::operator()(const Located& x) const {
  return max({merged("global_max_pool", x, 2), x.line}, -1);
}

Tensor Flatten::operator()(const Located& x) const { return merged("flatten", x, 1); }

}  // namespace tapegrad::nn
