#include <tapegrad/nn/transformer_encoder.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

Located at(const Tensor& tensor, const Located& x) { return {tensor, x.line}; }

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(const Scope& scope, Index width, Index heads,
                                                 const TransformerOptions& options)
    : path_(scope.path()),
      options_(options),
      attention_(scope / "self_attn", width, heads,
                 {.causal = options.causal, .dropout = options.dropout}),
      linear1_(scope / "linear1", width, options.inner),
      linear2_(scope / "linear2", options.inner, width),
      norm1_(scope / "norm1", width, options.epsilon),
      norm2_(scope / "norm2", width, options.epsilon) {}

Tensor TransformerEncoderLayer::fed_forward(const Located& x) const {
  const Tensor inner =
      dropout(at(activate(at(linear1_(x), x), options_.activation), x), options_.dropout);
  return dropout(at(linear2_(at(inner, x)), x), options_.dropout);
}

Tensor TransformerEncoderLayer::apply(const Located& x, const Attend& attend) const {
  const LayerScope scope(x.tensor.tape(), path_);
  const auto attended = [&](const Located& y) {
    return dropout(at(attend(y), x), options_.dropout);
  };
  if (options_.norm_first) {
    const Tensor y = add(x, attended(at(norm1_(x), x)));
    return add(at(y, x), fed_forward(at(norm2_(at(y, x)), x)));
  }
  const Tensor y = norm1_(at(add(x, attended(x)), x));
  return norm2_(at(add(at(y, x), fed_forward(at(y, x))), x));
}

Tensor TransformerEncoderLayer::operator()(const Located& x, const Tensor& mask) const {
  return apply(x, [&](const Located& y) { return attention_(y, mask); });
}

Tensor TransformerEncoderLayer::operator()(const Located& x, KeyValues& past) const {
  return apply(x, [&](const Located& y) { return attention_(y, past); });
}

TransformerEncoder::TransformerEncoder(const Scope& scope, Index layers, Index width, Index heads,
                                       const TransformerOptions& options) {
  if (layers < 1)
    throw ValueError(
        fmt::format("{}: an encoder needs a layer or more, got {}", scope.path(), layers));
  for (Index i = 0; i < layers; ++i)
    layers_.emplace_back(scope / "layers" / std::to_string(i), width, heads, options);
  if (options.norm_first) norm_.emplace(scope / "norm", width, options.epsilon);
}

Tensor TransformerEncoder::operator()(const Located& x, const Tensor& mask) const {
  Tensor y = x.tensor;
  for (const TransformerEncoderLayer& layer : layers_) y = layer(at(y, x), mask);
  return norm_ ? (*norm_)(at(y, x)) : y;
}

Tensor TransformerEncoder::operator()(const Located& x, std::vector<KeyValues>& past) const {
  past.resize(layers_.size());
  Tensor y = x.tensor;
  for (std::size_t i = 0; i < layers_.size(); ++i) y = layers_[i](at(y, x), past[i]);
  return norm_ ? (*norm_)(at(y, x)) : y;
}

}  // namespace tapegrad::nn
