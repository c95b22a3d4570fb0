// Wide and deep learning.
#pragma once

#include <tapegrad/apps/tables/table_mlp.h>

namespace tapegrad::apps {

// The sum of a linear model of the entries and of an MLP over the fields. Source: Cheng et al.,
// "Wide & deep learning for recommender systems", DLRS 2016; without products of categories, which
// the paper chooses by hand.
class WideDeep : public TableNetwork {
 public:
  WideDeep(const Scope& scope, const TableInputs& shape, Index outputs,
           const TableMlpOptions& options)
      : wide_(scope / "wide", shape.width, outputs, nn::zeros()),
        deep_(scope / "deep", shape, outputs, options) {}
  Tensor outputs(Tape& tape, const TableInputs& inputs,
                 std::span<const Index> examples) const override {
    return wide_.of_examples(tape, inputs, examples) + deep_.outputs(tape, inputs, examples);
  }

 private:
  EntrySums wide_;
  TableMlp deep_;
};

}  // namespace tapegrad::apps
