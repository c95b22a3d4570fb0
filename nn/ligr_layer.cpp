#include <tapegrad/nn/ligr_layer.h>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

Located at(const Tensor& tensor, const Located& x) { return {tensor, x.line}; }

}  // namespace

LigrLayer::LigrLayer(const Scope& scope, Index width, Index heads, const LigrOptions& options)
    : path_(scope.path()),
      options_(options),
      attention_(scope / "self_attn", width, heads,
                 {.causal = options.causal, .dropout = options.dropout}),
      norm1_(scope / "norm1", width, options.epsilon),
      norm2_(scope / "norm2", width, options.epsilon),
      gate1_(scope / "gate1", width, width),
      gate2_(scope / "gate2", width, width),
      linear1_(scope / "linear1", width, options.inner, {.bias = false}),
      linear2_(scope / "linear2", width, options.inner, {.bias = false}),
      linear3_(scope / "linear3", options.inner, width, {.bias = false}) {}

Tensor LigrLayer::gated(const Located& branch, const Linear& gate, const Located& x) const {
  return dropout(at(branch * sigmoid(at(gate(x), x)), x), options_.dropout);
}

Tensor LigrLayer::fed_forward(const Located& x) const {
  const Tensor inner = at(silu(at(linear1_(x), x)), x) * linear2_(x);
  return linear3_(at(dropout(at(inner, x), options_.dropout), x));
}

Tensor LigrLayer::operator()(const Located& x, const Tensor& mask) const {
  return apply(x, [&](const Located& y) { return attention_(y, mask); });
}

Tensor LigrLayer::operator()(const Located& x, KeyValues& past) const {
  return apply(x, [&](const Located& y) { return attention_(y, past); });
}

Tensor LigrLayer::apply(const Located& x,
                        const std::function<Tensor(const Located&)>& attend) const {
  const LayerScope scope(x.tensor.tape(), path_);
  const Tensor attended = attend(at(norm1_(x), x));
  const Tensor y = x + gated(at(attended, x), gate1_, x);
  const Tensor fed = fed_forward(at(norm2_(at(y, x)), x));
  return at(y, x) + gated(at(fed, x), gate2_, at(y, x));
}

}  // namespace tapegrad::nn
