#include <tapegrad/nn/attention_pooling.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

AttentionPooling::AttentionPooling(const Scope& scope, Index width, Index hidden)
    : path_(scope.path()),
      projection_(scope / "projection", width, hidden),
      query_(&scope.parameter("query", {hidden}, uniform_by_fan(hidden))) {}

Tensor AttentionPooling::scores(const Located& x) const {
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  return dot(at(tanh(at(projection_(x)))), x.tensor.tape()(*query_, x.line));
}

Tensor AttentionPooling::operator()(const Located& x, const Tensor& mask) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Shape& shape = x.shape();
  if (shape.rank() != 3) {
    throw ShapeError(fmt::format("attention_pooling: takes [batch, length, width], got {}; {}",
                                 shape.to_string(), tape.place({&x.tensor, 1}, x.line)));
  }
  const Tensor all = scores(x);
  const Tensor shares = mask ? masked_softmax(at(all), mask) : softmax(at(all));
  return reshape(at(matmul(at(reshape(at(shares), {shape[0], 1, shape[1]})), x)),
                 {shape[0], shape[2]});
}

Tensor AttentionPooling::operator()(const Sequences& x, SourceLine line) const {
  Tape& tape = x.values().tape();
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  const Index width = x.values().shape().columns();
  const Tensor all = scores(at(x.values()));
  std::vector<Tensor> pooled;
  for (Index i = 0; i < x.count(); ++i) {
    if (x.length(i) == 0) {
      pooled.push_back(tape.full({1, width}, 0.0, line));
      continue;
    }
    const Tensor shares = softmax(at(slice(at(all), 0, x.begin(i), x.end(i))));
    pooled.push_back(matmul(at(reshape(at(shares), {1, x.length(i)})),
                            slice(at(x.values()), 0, x.begin(i), x.end(i))));
  }
  return pooled.empty() ? tape.full({0, width}, 0.0, line) : concatenate(pooled, 0, line);
}

}  // namespace tapegrad::nn
