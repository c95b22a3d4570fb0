// Batches of examples of about one length.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/random.h>

namespace tapegrad::apps {

// An epoch of batches in a random order, so that little is padded: the examples are shuffled, a few
// batches of them at a time are sorted by length, and the batches are shuffled.
class LengthBatches {
 public:
  // `lengths` by example; all 0 where they do not matter.
  LengthBatches(std::vector<Index> lengths, Index batch)
      : lengths_(std::move(lengths)), batch_(static_cast<std::size_t>(batch)) {}
  // A new epoch, which is a function of what `random` gives.
  void begin(Random& random);
  // Goes to the next batch; false at the end.
  bool next();
  // The numbers of its examples.
  std::span<const Index> batch() const;
  Index examples() const { return static_cast<Index>(lengths_.size()); }
  Index length(Index example) const { return lengths_[static_cast<std::size_t>(example)]; }

 private:
  std::vector<Index> lengths_;
  std::size_t batch_;
  std::vector<Index> order_;
  std::vector<std::size_t> begins_;  // of batches in the order of examples
  std::size_t taken_ = 0;            // batches
};

}  // namespace tapegrad::apps
