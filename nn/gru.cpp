#include <tapegrad/nn/gru.h>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

GruCell::GruCell(const Scope& scope, Index in, Index hidden, bool bias)
    : products_(scope, in, hidden, 3, bias, "") {}

Tensor GruCell::operator()(const Located& x, const Located& hidden) const {
  return gru_cell(products_.of_input(x), products_.of_hidden_with_bias(hidden), hidden);
}

Tensor Gru::project(const GateProducts& products, const Located& x) const {
  return products.of_input(x);
}

void Gru::step(const GateProducts& products, const Tensor& projected, CellState& state) const {
  state[0] = gru_cell(projected, products.of_hidden_with_bias(state[0]), state[0]);
}

}  // namespace tapegrad::nn
