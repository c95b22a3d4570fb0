#include <tapegrad/nn/linear.h>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Linear::Linear(const Scope& scope, Index in, Index out, const LinearOptions& options)
    : path_(scope.path()),
      weight_(&scope.parameter("weight", {out, in},
                               options.weight ? options.weight : uniform_by_fan(in))) {
  if (options.bias)
    bias_ = &scope.parameter("bias", {out},
                             options.bias_values ? options.bias_values : uniform_by_fan(in));
}

Tensor Linear::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  const Tensor product = matmul(x, {tape(*weight_, x.line), x.line}, {.right = true});
  if (bias_ == nullptr) return product;
  return add({product, x.line}, tape(*bias_, x.line));
}

}  // namespace tapegrad::nn
