#include <tapegrad/nn/rnn.h>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

Tensor activated(const Tensor& x, RnnActivation activation) {
  return activation == RnnActivation::tanh ? tanh(x) : relu(x);
}

}  // namespace

RnnCell::RnnCell(const Scope& scope, Index in, Index hidden, RnnActivation activation, bool bias)
    : products_(scope, in, hidden, 1, bias, ""), activation_(activation) {}

Tensor RnnCell::operator()(const Located& x, const Located& hidden) const {
  return activated(products_.of_input_with_both_biases(x) + products_.of_hidden(hidden),
                   activation_);
}

Tensor Rnn::project(const GateProducts& products, const Located& x) const {
  return products.of_input_with_both_biases(x);
}

void Rnn::step(const GateProducts& products, const Tensor& projected, CellState& state) const {
  state[0] = activated(projected + products.of_hidden(state[0]), activation_);
}

}  // namespace tapegrad::nn
