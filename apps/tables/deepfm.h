// A factorisation machine beside a network, with the same vectors.
#pragma once

#include <tapegrad/apps/tables/table_mlp.h>

namespace tapegrad::apps {

// With the vectors v_f = Σ value · row of the fields:
//   outputs = linear model of the entries + U·½((Σ_f v_f)² - Σ_f v_f²) + MLP of all v_f side by
//   side
// Of one output and U of ones the second term is Σ_(f<g) ⟨v_f, v_g⟩. Source: Guo et al., "DeepFM: a
// factorization-machine based neural network for CTR prediction", IJCAI 2017.
class DeepFm : public TableNetwork {
 public:
  DeepFm(const Scope& scope, const TableInputs& shape, Index outputs,
         const TableMlpOptions& options);
  Tensor outputs(Tape& tape, const TableInputs& inputs,
                 std::span<const Index> examples) const override;

 private:
  EntrySums linear_, vectors_;
  nn::Linear pairs_;
  nn::Mlp deep_;
};

}  // namespace tapegrad::apps
