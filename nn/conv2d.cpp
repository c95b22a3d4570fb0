#include <tapegrad/nn/conv2d.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

Conv2d::Conv2d(const Scope& scope, Index channels, Index filters, std::array<Index, 2> kernel,
               const Conv2dOptions& options, bool bias)
    : path_(scope.path()), options_(options) {
  if (options.groups < 1 || channels % options.groups != 0)
    throw ValueError(fmt::format("{}: the groups ({}) must divide the channels ({})", path_,
                                 options.groups, channels));
  const Index fan = channels / options.groups * kernel[0] * kernel[1];
  weight_ = &scope.parameter("weight", {filters, channels / options.groups, kernel[0], kernel[1]},
                             uniform_by_fan(fan));
  if (bias) bias_ = &scope.parameter("bias", {filters}, uniform_by_fan(fan));
}

Tensor Conv2d::operator()(const Located& images) const {
  Tape& tape = images.tensor.tape();
  const LayerScope scope(tape, path_);
  const Tensor product = conv2d(images, {tape(*weight_, images.line), images.line}, options_);
  if (bias_ == nullptr) return product;
  return product + reshape(tape(*bias_, images.line), {1, -1, 1, 1});
}

}  // namespace tapegrad::nn
