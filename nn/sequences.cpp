#include <tapegrad/nn/sequences.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

void refuse_empty(const char* what, const Sequences& sequences, SourceLine line) {
  for (Index i = 0; i < sequences.count(); ++i) {
    if (sequences.length(i) > 0) continue;
    throw ValueError(fmt::format("{}: sequence {} of {} is empty; at {}:{}", what, i,
                                 sequences.count(), line.file, line.line));
  }
}

}  // namespace

Sequences::Sequences(const Located& values, std::span<const Index> lengths)
    : values_(values.tensor), offsets_{0} {
  const auto fail = [&](const std::string& what) {
    throw ShapeError(fmt::format("sequences: {}; {}", what,
                                 values.tensor.tape().place({&values.tensor, 1}, values.line)));
  };
  for (const Index length : lengths) {
    if (length < 0) fail(fmt::format("length {} is {}", offsets_.size() - 1, length));
    offsets_.push_back(offsets_.back() + length);
  }
  if (values.shape().rank() == 0 || values.shape()[0] != total())
    fail(fmt::format("the lengths add up to {}, got values {}", total(),
                     values.shape().to_string()));
}

Sequences Sequences::with(const Located& values) const {
  Sequences other = *this;
  other.values_ = values.tensor;
  if (values.shape().rank() == 0 || values.shape()[0] != total()) {
    throw ShapeError(fmt::format("sequences: there are {} rows, got values {}; {}", total(),
                                 values.shape().to_string(),
                                 values.tensor.tape().place({&values.tensor, 1}, values.line)));
  }
  return other;
}

Tensor last_of(const Sequences& sequences, SourceLine line) {
  refuse_empty("last_of", sequences, line);
  std::vector<Index> rows;
  for (Index i = 0; i < sequences.count(); ++i) rows.push_back(sequences.end(i) - 1);
  Tape& tape = sequences.values().tape();
  return gather_rows({sequences.values(), line}, tape.ids(rows, line));
}

Tensor sum_of(const Sequences& sequences, SourceLine line) {
  std::vector<Index> sequence_of;
  for (Index i = 0; i < sequences.count(); ++i)
    sequence_of.insert(sequence_of.end(), static_cast<std::size_t>(sequences.length(i)), i);
  return scatter_add_rows({sequences.values().tape().ids(sequence_of, line), line},
                          sequences.values(), sequences.count());
}

Tensor mean_of(const Sequences& sequences, SourceLine line) {
  std::vector<double> shares;
  for (Index i = 0; i < sequences.count(); ++i)
    shares.push_back(1.0 / static_cast<double>(std::max<Index>(1, sequences.length(i))));
  const Tensor sums = sum_of(sequences, line);
  return Located(sums, line) * sums.tape().input(shares, {sequences.count(), 1}, line);
}

Tensor max_of(const Sequences& sequences, SourceLine line) {
  refuse_empty("max_of", sequences, line);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  std::vector<Tensor> largest;
  for (Index i = 0; i < sequences.count(); ++i)
    largest.push_back(
        max(at(slice(at(sequences.values()), 0, sequences.begin(i), sequences.end(i))), 0, true));
  if (largest.empty())
    return sequences.values().tape().full({0, sequences.values().shape().columns()}, 0.0, line);
  return concatenate(largest, 0, line);
}

}  // namespace tapegrad::nn
