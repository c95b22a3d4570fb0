// The plain recurrent net.
#pragma once

#include <tapegrad/nn/recurrent.h>

namespace tapegrad::nn {

enum class RnnActivation { tanh, relu };

// One step: h' = f(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh). x [batch, in], hidden [batch, hidden].
// Parameters as of PyTorch's RNNCell. Source: Elman 1990.
class RnnCell {
 public:
  RnnCell(const Scope& scope, Index in, Index hidden,
          RnnActivation activation = RnnActivation::tanh, bool bias = true);
  Tensor operator()(const Located& x, const Located& hidden) const;

 private:
  GateProducts products_;
  RnnActivation activation_;
};

// Layers of such cells over time; a cell's state is {hidden}.
class Rnn : public Recurrent {
 public:
  Rnn(const Scope& scope, Index in, Index hidden, RnnActivation activation = RnnActivation::tanh,
      const RecurrentOptions& options = {})
      : Recurrent(scope, in, hidden, 1, 1, options), activation_(activation) {}

 private:
  Tensor project(const GateProducts& products, const Located& x) const override;
  void step(const GateProducts& products, const Tensor& projected, CellState& state) const override;

  RnnActivation activation_;
};

}  // namespace tapegrad::nn
