#include <tapegrad/nn/mlp.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor activate(const Located& x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return relu(x);
    case Activation::tanh:
      return tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::gelu:
      return gelu(x);
    case Activation::silu:
      return silu(x);
    case Activation::leaky_relu:
      return leaky_relu(x);
    case Activation::elu:
      return elu(x);
  }
  throw ValueError("activate: unknown activation");
}

Mlp::Mlp(const Scope& scope, const std::vector<Index>& widths, const MlpOptions& options)
    : options_(options) {
  if (widths.size() < 2)
    throw ValueError(
        fmt::format("Mlp {}: needs at least two widths, got {}", scope.path(), widths.size()));
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    layers_.emplace_back(scope / std::to_string(i), widths[i], widths[i + 1], options.linear);
  }
}

Tensor Mlp::operator()(const Located& x) const {
  Tensor y = x.tensor;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool last = i + 1 == layers_.size();
    y = layers_[i]({y, x.line});
    y = activate({y, x.line}, last ? options_.last : options_.activation);
    if (!last) y = dropout({y, x.line}, options_.dropout);
  }
  return y;
}

}  // namespace tapegrad::nn
