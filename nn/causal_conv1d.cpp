#include <tapegrad/nn/causal_conv1d.h>

#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

CausalConv1d::CausalConv1d(const Scope& scope, Index channels, Index filters, Index kernel,
                           Index dilation)
    : path_(scope.path()),
      kernel_(kernel),
      dilation_(dilation),
      linear_(scope, kernel * channels, filters) {
  if (kernel < 1 || dilation < 1)
    throw ValueError(fmt::format("{}: the kernel ({}) and the dilation ({}) must be positive",
                                 path_, kernel, dilation));
}

Tensor CausalConv1d::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  if (x.shape().rank() != 3)
    throw ShapeError(fmt::format("causal_conv1d: takes [batch, length, channels], got {}; {}",
                                 x.shape().to_string(), tape.place({&x.tensor, 1}, x.line)));
  const Index length = x.shape()[1], before = dilation_ * (kernel_ - 1);
  if (before == 0) return linear_(x);
  const Tensor padded = pad(x, 1, before, 0);
  std::vector<Tensor> places;
  for (Index k = 0; k < kernel_; ++k)
    places.push_back(slice(at(padded), 1, k * dilation_, k * dilation_ + length));
  return linear_(at(concatenate(places, -1, x.line)));
}

}  // namespace tapegrad::nn
