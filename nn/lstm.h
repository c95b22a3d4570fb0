// Long short-term memory.
#pragma once

#include <tapegrad/nn/recurrent.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

// One step: gates = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh in the order input, forget, candidate, output;
// then lstm_cell(). x [batch, in], hidden and cell [batch, hidden]. Parameters as of PyTorch's
// LSTMCell.
class LstmCell {
 public:
  LstmCell(const Scope& scope, Index in, Index hidden, bool bias = true);
  LstmState operator()(const Located& x, const LstmState& state) const;
  LstmState zero_state(Tape& tape, Index batch, SourceLine line = SourceLine::here()) const;

 private:
  GateProducts products_;
};

// Layers of such cells over time; a cell's state is {hidden, cell}.
class Lstm : public Recurrent {
 public:
  Lstm(const Scope& scope, Index in, Index hidden, const RecurrentOptions& options = {})
      : Recurrent(scope, in, hidden, 4, 2, options) {}

 private:
  Tensor project(const GateProducts& products, const Located& x) const override;
  void step(const GateProducts& products, const Tensor& projected, CellState& state) const override;
};

}  // namespace tapegrad::nn
