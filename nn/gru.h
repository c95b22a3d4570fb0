// The gated recurrent unit.
#pragma once

#include <tapegrad/nn/recurrent.h>

namespace tapegrad::nn {

// One step: gru_cell() of x·W_ihᵀ + b_ih and h·W_hhᵀ + b_hh, gates in the order reset, update,
// candidate. x [batch, in], hidden [batch, hidden]. Parameters as of PyTorch's GRUCell.
class GruCell {
 public:
  GruCell(const Scope& scope, Index in, Index hidden, bool bias = true);
  Tensor operator()(const Located& x, const Located& hidden) const;

 private:
  GateProducts products_;
};

// Layers of such cells over time; a cell's state is {hidden}.
class Gru : public Recurrent {
 public:
  Gru(const Scope& scope, Index in, Index hidden, const RecurrentOptions& options = {})
      : Recurrent(scope, in, hidden, 3, 1, options) {}

 private:
  Tensor project(const GateProducts& products, const Located& x) const override;
  void step(const GateProducts& products, const Tensor& projected, CellState& state) const override;
};

}  // namespace tapegrad::nn
