#include <tapegrad/nn/lstm.h>

namespace tapegrad::nn {

LstmCell::LstmCell(const Scope& scope, Index in, Index hidden, bool bias)
    : products_(scope, in, hidden, 4, bias, "") {}

LstmState LstmCell::operator()(const Located& x, const LstmState& state) const {
  const Located hidden(state.hidden, x.line);
  return lstm_cell(products_.of_input_with_both_biases(x) + products_.of_hidden(hidden),
                   state.cell);
}

LstmState LstmCell::zero_state(Tape& tape, Index batch, SourceLine line) const {
  const Shape shape{batch, products_.hidden()};
  return {tape.full(shape, 0.0, line), tape.full(shape, 0.0, line)};
}

Tensor Lstm::project(const GateProducts& products, const Located& x) const {
  return products.of_input_with_both_biases(x);
}

void Lstm::step(const GateProducts& products, const Tensor& projected, CellState& state) const {
  const LstmState next = lstm_cell(projected + products.of_hidden(state[0]), state[1]);
  state = {next.hidden, next.cell};
}

}  // namespace tapegrad::nn
