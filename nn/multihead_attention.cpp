#include <tapegrad/nn/multihead_attention.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

MultiheadAttention::MultiheadAttention(const Scope& scope, Index width, Index heads,
                                       const MultiheadAttentionOptions& options)
    : path_(scope.path()),
      width_(width),
      heads_(heads),
      options_(options),
      weight_(&scope.parameter("in_proj_weight", {3 * width, width}, xavier_uniform())),
      bias_(options.bias ? &scope.parameter("in_proj_bias", {3 * width}, zeros()) : nullptr),
      output_(scope / "out_proj", width, width, {.bias = options.bias, .bias_values = zeros()}) {
  if (heads < 1 || width % heads != 0)
    throw ValueError(
        fmt::format("{}: the heads ({}) must divide the width ({})", path_, heads, width));
}

// x times rows [first, last) of the projection.
Tensor MultiheadAttention::project(const Located& x, Index first, Index last) const {
  Tape& tape = x.tensor.tape();
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const bool all = first == 0 && last == 3 * width_;
  const Tensor weight = tape(*weight_, x.line);
  const Tensor product =
      matmul(x, at(all ? weight : slice(at(weight), 0, first, last)), {.right = true});
  if (bias_ == nullptr) return product;
  const Tensor bias = tape(*bias_, x.line);
  return add(at(product), at(all ? bias : slice(at(bias), 0, first, last)));
}

Tensor MultiheadAttention::operator()(const Located& x, const Tensor& mask) const {
  const LayerScope scope(x.tensor.tape(), path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor all = project(x, 0, 3 * width_);
  const Tensor attended = attention(
      at(slice(at(all), -1, 0, width_)), slice(at(all), -1, width_, 2 * width_),
      slice(at(all), -1, 2 * width_, 3 * width_),
      {.heads = heads_, .causal = options_.causal, .dropout = options_.dropout, .mask = mask});
  return output_(at(attended));
}

Tensor MultiheadAttention::operator()(const Located& x, KeyValues& past) const {
  const LayerScope scope(x.tensor.tape(), path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor all = project(x, 0, 3 * width_);
  const auto extend = [&](Tensor& before, Index first) {
    const Tensor own = slice(at(all), -1, first, first + width_);
    before = before ? concatenate({before, own}, 1, x.line) : own;
  };
  extend(past.keys, width_);
  extend(past.values, 2 * width_);
  return output_(
      at(attention(at(slice(at(all), -1, 0, width_)), past.keys, past.values,
                   {.heads = heads_, .causal = options_.causal, .dropout = options_.dropout})));
}

Sequences MultiheadAttention::operator()(const Sequences& x, SourceLine line) const {
  const LayerScope scope(x.values().tape(), path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  const Tensor all = project(at(x.values()), 0, 3 * width_);
  std::vector<Tensor> attended;
  for (Index i = 0; i < x.count(); ++i) {
    if (x.length(i) == 0) continue;
    const Tensor own = slice(at(all), 0, x.begin(i), x.end(i));
    const auto part = [&](Index k) {
      return reshape(at(slice(at(own), -1, k * width_, (k + 1) * width_)),
                     {1, x.length(i), width_});
    };
    const Tensor one =
        attention(at(part(0)), part(1), part(2),
                  {.heads = heads_, .causal = options_.causal, .dropout = options_.dropout});
    attended.push_back(reshape(at(one), {x.length(i), width_}));
  }
  if (attended.empty()) return x.with(x.values());
  return x.with(output_(at(concatenate(attended, 0, line))));
}

Tensor MultiheadAttention::operator()(const Located& query, const Located& key,
                                      const Located& value, const Tensor& mask) const {
  const LayerScope scope(query.tensor.tape(), path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, query.line); };
  const Tensor attended = attention(
      at(project(query, 0, width_)), project(key, width_, 2 * width_),
      project(value, 2 * width_, 3 * width_),
      {.heads = heads_, .causal = options_.causal, .dropout = options_.dropout, .mask = mask});
  return output_(at(attended));
}

}  // namespace tapegrad::nn
