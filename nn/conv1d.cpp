#include <tapegrad/nn/conv1d.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Conv1d::Conv1d(const Scope& scope, Index channels, Index filters, Index kernel,
               const Conv1dOptions& options)
    : path_(scope.path()), options_(options) {
  if (options.groups < 1 || channels % options.groups != 0)
    throw ValueError(fmt::format("{}: the groups ({}) must divide the channels ({})", path_,
                                 options.groups, channels));
  const Index fan = channels / options.groups * kernel;
  weight_ =
      &scope.parameter("weight", {filters, channels / options.groups, kernel}, uniform_by_fan(fan));
  if (options.bias) bias_ = &scope.parameter("bias", {filters}, uniform_by_fan(fan));
}

// A sequence is an image of height 1.
Tensor Conv1d::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  if (x.shape().rank() != 3) {
    throw ShapeError(fmt::format("conv1d: takes [batch, channels, length], got {}; {}",
                                 x.shape().to_string(), tape.place({&x.tensor, 1}, x.line)));
  }
  const Shape& shape = x.shape();
  const Shape& kernel = weight_->shape();
  const Tensor weight = reshape(at(tape(*weight_, x.line)), {kernel[0], kernel[1], 1, kernel[2]});
  const Tensor product = conv2d(at(reshape(x, {shape[0], shape[1], 1, shape[2]})), weight,
                                {.stride = {1, options_.stride},
                                 .padding = {0, options_.padding},
                                 .dilation = {1, options_.dilation},
                                 .groups = options_.groups});
  const Tensor y = reshape(at(product), {shape[0], kernel[0], product.shape()[3]});
  return bias_ == nullptr ? y : y + reshape(at(tape(*bias_, x.line)), {-1, 1});
}

}  // namespace tapegrad::nn
