#include <tapegrad/apps/tables/deepfm.h>

namespace tapegrad::apps {
namespace {

std::vector<Index> deep_widths(const TableInputs& shape, Index outputs,
                               const TableMlpOptions& options) {
  std::vector<Index> widths{shape.fields * options.embedding};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  widths.push_back(outputs);
  return widths;
}

}  // namespace

DeepFm::DeepFm(const Scope& scope, const TableInputs& shape, Index outputs,
               const TableMlpOptions& options)
    : linear_(scope / "linear", shape.width, outputs, nn::zeros()),
      vectors_(scope / "embedding", shape.width, options.embedding, nn::normal(0.0, 0.1)),
      pairs_(scope / "pairs", options.embedding, outputs),
      deep_(scope / "layers", deep_widths(shape, outputs, options), {.dropout = options.dropout}) {}

Tensor DeepFm::outputs(Tape& tape, const TableInputs& inputs,
                       std::span<const Index> examples) const {
  const Tensor vectors = vectors_.of_fields(tape, inputs, examples);
  const Tensor total = sum(vectors, {1});
  const Tensor pairs = (total * total - sum(vectors * vectors, {1})) * 0.5;
  return linear_.of_examples(tape, inputs, examples) + pairs_(pairs) +
         deep_(reshape(vectors, {static_cast<Index>(examples.size()),
                                 vectors.shape()[1] * vectors.shape()[2]}));
}

}  // namespace tapegrad::apps
