#include <tapegrad/nn/layer_norm.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

LayerNorm::LayerNorm(const Scope& scope, Index width, double epsilon)
    : path_(scope.path()),
      weight_(&scope.parameter("weight", {width}, constant(1.0))),
      bias_(&scope.parameter("bias", {width}, zeros())),
      epsilon_(epsilon) {}

Tensor LayerNorm::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  if (x.shape().rank() == 0 || x.shape().columns() != weight_->shape()[0]) {
    throw ShapeError(fmt::format("layer_norm: the last axis must be {}, got {}; {}",
                                 weight_->shape()[0], x.shape().to_string(),
                                 tape.place({&x.tensor, 1}, x.line)));
  }
  return layer_norm(x, epsilon_) * tape(*weight_, x.line) + tape(*bias_, x.line);
}

}  // namespace tapegrad::nn
