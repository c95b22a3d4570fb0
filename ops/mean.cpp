// Means, variances: compositions of sums.
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

Index count_over(const Shape& shape, std::span<const int> axes) {
  if (axes.empty()) return shape.size();
  Index count = 1;
  for (const int axis : axes) count *= shape[axis];
  return count;
}

}  // namespace

Tensor mean(const Located& x, std::span<const int> axes, bool keep_axes) {
  const Tensor total = sum(x, axes, keep_axes);
  return Located(total, x.line) * (1.0 / static_cast<double>(count_over(x.shape(), axes)));
}

Tensor mean(const Located& x, std::initializer_list<int> axes, bool keep_axes) {
  return mean(x, std::span<const int>(axes.begin(), axes.size()), keep_axes);
}

Tensor variance(const Located& x, std::initializer_list<int> axes, int correction, bool keep_axes) {
  const std::span<const int> all(axes.begin(), axes.size());
  const Tensor deviation = subtract(x, {mean(x, all, true), x.line});
  const Tensor total = sum({square({deviation, x.line}), x.line}, all, keep_axes);
  const Index count = count_over(x.shape(), all);
  if (count <= correction) {
    throw ShapeError(fmt::format("variance: {} numbers are too few for a correction of {}; input {}; {}", count, correction,
                                 x.shape().to_string(), x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  return Located(total, x.line) * (1.0 / static_cast<double>(count - correction));
}

}  // namespace tapegrad
