// A multilayer perceptron over the fields of a table.
#pragma once

#include <optional>
#include <vector>

#include <tapegrad/apps/tables/table_network.h>

namespace tapegrad::apps {

struct TableMlpOptions {
  Index embedding = 16;                   // width of the vector of a field; 0: fields have none
  std::vector<Index> hidden = {128, 64};  // widths of the layers between
  double dropout = 0.2;                   // after each of them
};

// The vectors of the fields, Σ value · row over the entries of each, go side by side through linear
// layers with relu between. Without vectors the scaled numbers and one-hot categories go through
// them as they are.
class TableMlp : public TableNetwork {
 public:
  TableMlp(const Scope& scope, const TableInputs& shape, Index outputs,
           const TableMlpOptions& options);
  Tensor outputs(Tape& tape, const TableInputs& inputs,
                 std::span<const Index> examples) const override;

 private:
  double dropout_;
  bool has_vectors_;
  EntrySums inputs_;                 // vectors of fields, or the first layer
  const Parameter* bias_ = nullptr;  // of the first layer
  nn::Mlp layers_;
};

}  // namespace tapegrad::apps
