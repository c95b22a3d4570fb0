#include <tapegrad/apps/tables/table_mlp.h>

#include <cmath>

namespace tapegrad::apps {
namespace {

std::vector<Index> layer_widths(const TableInputs& shape, Index outputs,
                                const TableMlpOptions& options) {
  std::vector<Index> widths = options.hidden;
  if (options.embedding > 0) widths.insert(widths.begin(), shape.fields * options.embedding);
  widths.push_back(outputs);
  return widths;
}

}  // namespace

TableMlp::TableMlp(const Scope& scope, const TableInputs& shape, Index outputs,
                   const TableMlpOptions& options)
    : dropout_(options.dropout),
      has_vectors_(options.embedding > 0),
      inputs_(scope / (has_vectors_ ? "embedding" : "first"), shape.width,
              has_vectors_ ? options.embedding : options.hidden.front(),
              has_vectors_ ? nn::normal(0.0, 0.1) : nn::uniform_by_fan(shape.fields)),
      layers_(scope / "layers", layer_widths(shape, outputs, options),
              {.dropout = options.dropout}) {
  if (!has_vectors_)
    bias_ = &(scope / "first").parameter("bias", {options.hidden.front()}, nn::zeros());
}

Tensor TableMlp::outputs(Tape& tape, const TableInputs& inputs,
                         std::span<const Index> examples) const {
  const auto count = static_cast<Index>(examples.size());
  if (!has_vectors_) {
    const Tensor first = inputs_.of_examples(tape, inputs, examples) + tape(*bias_);
    return layers_(tapegrad::dropout(relu(first), dropout_));
  }
  const Tensor vectors = inputs_.of_fields(tape, inputs, examples);
  return layers_(reshape(vectors, {count, vectors.shape()[1] * vectors.shape()[2]}));
}

}  // namespace tapegrad::apps
