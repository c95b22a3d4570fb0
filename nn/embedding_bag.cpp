#include <tapegrad/nn/embedding_bag.h>

#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/sequences.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

EmbeddingBag::EmbeddingBag(const Scope& scope, Index count, Index width,
                           const EmbeddingBagOptions& options)
    : path_(scope.path()),
      mode_(options.mode),
      weight_(&scope.parameter("weight", {count, width}, options.weight)) {}

Tensor EmbeddingBag::operator()(Tape& tape, std::span<const Index> ids,
                                std::span<const Index> offsets, const Tensor& factors,
                                SourceLine line) const {
  const LayerScope scope(tape, path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  const auto total = static_cast<Index>(ids.size());
  const auto fail = [&](const std::string& what) {
    throw ValueError(
        fmt::format("embedding_bag: {}; {} at {}:{}", what, path_, line.file, line.line));
  };
  const auto end_of = [&](std::size_t bag) {
    return bag + 1 < offsets.size() ? offsets[bag + 1] : total;
  };
  if (offsets.empty() ? total > 0 : offsets[0] != 0) fail("the first bag must start at 0");
  for (std::size_t bag = 0; bag < offsets.size(); ++bag) {
    if (end_of(bag) < offsets[bag])
      fail(fmt::format("bag {} starts at {} and ends at {}", bag, offsets[bag], end_of(bag)));
  }
  if (factors && mode_ != BagMode::sum) fail("only sums take factors");

  Tensor rows = gather_rows(at(tape(*weight_, line)), at(tape.ids(ids, line)));
  if (mode_ == BagMode::max) {
    std::vector<Tensor> largest;
    for (std::size_t bag = 0; bag < offsets.size(); ++bag) {
      const bool empty = end_of(bag) == offsets[bag];
      largest.push_back(empty ? tape.full({1, weight_->shape()[1]}, 0.0, line)
                              : max(at(slice(at(rows), 0, offsets[bag], end_of(bag))), 0, true));
    }
    return largest.empty() ? tape.full({0, weight_->shape()[1]}, 0.0, line)
                           : concatenate(largest, 0, line);
  }
  if (factors) rows = at(rows) * reshape(at(factors), {total, 1});
  std::vector<Index> lengths;
  for (std::size_t bag = 0; bag < offsets.size(); ++bag)
    lengths.push_back(end_of(bag) - offsets[bag]);
  const Sequences sequences(at(rows), lengths);
  return mode_ == BagMode::sum ? sum_of(sequences, line) : mean_of(sequences, line);
}

}  // namespace tapegrad::nn
