// What all networks that read tables are.
#pragma once

#include <span>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/tables/table_encoder.h>

namespace tapegrad::apps {

class TableNetwork {
 public:
  virtual ~TableNetwork() = default;
  // [examples, outputs], of some examples by their numbers.
  virtual Tensor outputs(Tape& tape, const TableInputs& inputs,
                         std::span<const Index> examples) const = 0;

 protected:
  TableNetwork() = default;
  TableNetwork(const TableNetwork&) = default;
  TableNetwork& operator=(const TableNetwork&) = default;
};

// Σ value · row over the entries of each field, or of each whole example.
class EntrySums {
 public:
  EntrySums(const Scope& scope, Index places, Index width, const Initialiser& weight)
      : width_(width),
        table_(scope, places, width,
               nn::EmbeddingBagOptions{.mode = nn::BagMode::sum, .weight = weight}) {}

  // [examples, fields, width].
  Tensor of_fields(Tape& tape, const TableInputs& inputs, std::span<const Index> examples) const {
    return reshape(sums(tape, inputs, examples, 1),
                   {static_cast<Index>(examples.size()), inputs.fields, width_});
  }
  // [examples, width].
  Tensor of_examples(Tape& tape, const TableInputs& inputs, std::span<const Index> examples) const {
    return sums(tape, inputs, examples, inputs.fields);
  }

 private:
  // One for each `step` fields.
  Tensor sums(Tape& tape, const TableInputs& inputs, std::span<const Index> examples,
              Index step) const;

  Index width_;
  nn::EmbeddingBag table_;
};

}  // namespace tapegrad::apps
