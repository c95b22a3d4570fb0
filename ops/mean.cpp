// Means, variances: compositions of sums.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

Index count_over(const char* operation, const Located& x, std::span<const int> axes) {
  const std::array<bool, Shape::max_rank> reduced = reduced_axes(operation, x, axes);
  Index count = 1;
  for (int axis = 0; axis < x.shape().rank(); ++axis) {
    if (reduced[static_cast<std::size_t>(axis)]) count *= x.shape()[axis];
  }
  return count;
}

}  // namespace

Tensor mean(const Located& x, std::span<const int> axes, bool keep_axes) {
  return scaled_sum("mean", x, axes, keep_axes,
                    1.0 / static_cast<double>(count_over("mean", x, axes)));
}

Tensor mean(const Located& x, std::initializer_list<int> axes, bool keep_axes) {
  return mean(x, std::span<const int>(axes.begin(), axes.size()), keep_axes);
}

Tensor variance(const Located& x, std::initializer_list<int> axes, int correction, bool keep_axes) {
  const CalledAs call(x.tensor.tape(), "variance");
  const std::span<const int> all(axes.begin(), axes.size());
  const Index count = count_over("variance", x, all);
  if (count <= correction) {
    throw ShapeError(fmt::format(
        "variance: {} numbers are too few for a correction of {}; input {}; {}", count, correction,
        x.shape().to_string(), x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  // Shifted first by the rounded mean, a constant: a variance does not depend on it, and the mean
  // of what is left is then exact.
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor shifted = subtract(x, at(detach(at(mean(x, all, true)))));
  const Tensor deviation = subtract(at(shifted), at(mean(at(shifted), all, true)));
  return scaled_sum("variance", at(square(at(deviation))), all, keep_axes,
                    1.0 / static_cast<double>(count - correction));
}

}  // namespace tapegrad
