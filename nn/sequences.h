// Ragged batches: sequences of different lengths, one after another, without padding.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// Sequence i is rows [offsets[i], offsets[i + 1]) of values [total, ...]. Layers that work row by
// row, and losses, take values() as they are.
class Sequences {
 public:
  // Throws ShapeError unless the lengths are not negative and add up to the rows of `values`.
  Sequences(const Located& values, std::span<const Index> lengths);
  Sequences(const Located& values, std::initializer_list<Index> lengths)
      : Sequences(values, std::span(lengths.begin(), lengths.size())) {}

  // Moves are copies: one that was moved from stays what it was.
  Sequences(const Sequences&) = default;
  Sequences& operator=(const Sequences&) = default;

  const Tensor& values() const { return values_; }
  Index count() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index total() const { return offsets_.back(); }
  Index begin(Index sequence) const { return offsets_[static_cast<std::size_t>(sequence)]; }
  Index end(Index sequence) const { return offsets_[static_cast<std::size_t>(sequence) + 1]; }
  Index length(Index sequence) const { return end(sequence) - begin(sequence); }

  // Other values for the same places: what a layer makes of these. Throws ShapeError for another
  // number of rows.
  Sequences with(const Located& values) const;

 private:
  Tensor values_;
  std::vector<Index> offsets_;
};

// values [total, width] → [count, width]: of each sequence the last row, the sum, the mean, the
// largest. The sum and the mean of none are 0; an empty sequence has no last and no largest row:
// ValueError.
Tensor last_of(const Sequences& sequences, SourceLine line = SourceLine::here());
Tensor sum_of(const Sequences& sequences, SourceLine line = SourceLine::here());
Tensor mean_of(const Sequences& sequences, SourceLine line = SourceLine::here());
Tensor max_of(const Sequences& sequences, SourceLine line = SourceLine::here());

}  // namespace tapegrad::nn
