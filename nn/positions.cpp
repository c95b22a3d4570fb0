#include <tapegrad/nn/positions.h>

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

void check_sequences(const Located& x) {
  if (x.shape().rank() >= 2) return;
  throw ShapeError(fmt::format("positions: take [..., length, width], got {}; {}",
                               x.shape().to_string(),
                               x.tensor.tape().place({&x.tensor, 1}, x.line)));
}

}  // namespace

LearnedPositions::LearnedPositions(const Scope& scope, Index longest, Index width,
                                   const Initialiser& weight)
    : path_(scope.path()), weight_(&scope.parameter("weight", {longest, width}, weight)) {}

Tensor LearnedPositions::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  check_sequences(x);
  const Index length = x.shape()[-2];
  if (length > weight_->shape()[0] || x.shape()[-1] != weight_->shape()[1]) {
    throw ShapeError(fmt::format("positions: there are {}, got {}; {}",
                                 weight_->shape().to_string(), x.shape().to_string(),
                                 tape.place({&x.tensor, 1}, x.line)));
  }
  const Tensor all = tape(*weight_, x.line);
  return add(x, length == weight_->shape()[0] ? all : slice({all, x.line}, 0, 0, length));
}

Tensor SinusoidalPositions::operator()(const Located& x) const {
  check_sequences(x);
  const Index length = x.shape()[-2], width = x.shape()[-1];
  std::vector<double> positions(static_cast<std::size_t>(length * width));
  for (Index c = 0; c < width; ++c) {
    const double frequency =
        std::pow(10000.0, -static_cast<double>(c - c % 2) / static_cast<double>(width));
    for (Index t = 0; t < length; ++t) {
      const double angle = static_cast<double>(t) * frequency;
      positions[static_cast<std::size_t>(t * width + c)] =
          c % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
  }
  return add(x, x.tensor.tape().input(positions, {length, width}, x.line));
}

}  // namespace tapegrad::nn
