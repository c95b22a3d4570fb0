#include <tapegrad/nn/embedding.h>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Embedding::Embedding(const Scope& scope, Index count, Index width, const Initialiser& weight)
    : path_(scope.path()), weight_(&scope.parameter("weight", {count, width}, weight)) {}

Tensor Embedding::operator()(const Located& ids) const {
  Tape& tape = ids.tensor.tape();
  const LayerScope scope(tape, path_);
  return gather_rows({tape(*weight_, ids.line), ids.line.file, ids.line.line}, ids);
}

Tensor Embedding::operator()(Tape& tape, std::span<const Index> ids, SourceLine line) const {
  return (*this)({tape.ids(ids, line), line.file, line.line});
}

Tensor Embedding::operator()(Tape& tape, std::span<const std::int32_t> ids, SourceLine line) const {
  return (*this)({tape.ids(ids, line), line.file, line.line});
}

}  // namespace tapegrad::nn
