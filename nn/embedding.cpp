#include <tapegrad/nn/embedding.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

Initialiser with_padding(const EmbeddingOptions& options, Index width) {
  if (!options.padding) return options.weight;
  return [weight = options.weight, first = *options.padding * width, width](Array& array,
                                                                            Random& random) {
    weight(array, random);
    for (Index c = 0; c < width; ++c) array.set(first + c, 0.0);
  };
}

}  // namespace

Embedding::Embedding(const Scope& scope, Index count, Index width, const EmbeddingOptions& options)
    : path_(scope.path()), padding_(options.padding) {
  if (padding_ && (*padding_ < 0 || *padding_ >= count))
    throw ValueError(
        fmt::format("{}: the padding must be one of the {} rows, got {}", path_, count, *padding_));
  weight_ = &scope.parameter("weight", {count, width}, with_padding(options, width));
}

Tensor Embedding::operator()(const Located& ids) const {
  Tape& tape = ids.tensor.tape();
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, ids.line); };
  const Tensor rows = gather_rows(at(tape(*weight_, ids.line)), ids);
  if (!padding_) return rows;
  std::vector<Index> column(ids.shape().extents().begin(), ids.shape().extents().end());
  column.push_back(1);
  const Tensor mask = reshape(at(padding_mask(ids, *padding_)), column);
  return where(at(mask), rows, detach(at(rows)));
}

Tensor Embedding::operator()(Tape& tape, std::span<const Index> ids, SourceLine line) const {
  return (*this)({tape.ids(ids, line), line});
}

Tensor Embedding::operator()(Tape& tape, std::span<const std::int32_t> ids, SourceLine line) const {
  return (*this)({tape.ids(ids, line), line});
}

}  // namespace tapegrad::nn
