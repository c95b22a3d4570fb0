// Sources whose batches are of examples of about one length.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/length_batches.h>

namespace tapegrad::apps {

// All of a source but the loss of its batch().
class LengthBatchSource : public BatchSource {
 public:
  void begin_epoch(int epoch) override {
    Random random(seed_, 1 + static_cast<std::uint64_t>(epoch));
    batches_.begin(random);
  }
  bool next() override { return batches_.next(); }
  Index epoch_samples() const override { return batches_.examples(); }
  Index samples() const override { return static_cast<Index>(batch().size()); }

 protected:
  // As LengthBatches takes them.
  LengthBatchSource(std::vector<Index> lengths, Index batch, std::uint64_t seed)
      : seed_(seed), batches_(std::move(lengths), batch) {}
  // The numbers of the batch's examples.
  std::span<const Index> batch() const { return batches_.batch(); }
  Index length(Index example) const { return batches_.length(example); }

 private:
  std::uint64_t seed_;
  LengthBatches batches_;
};

}  // namespace tapegrad::apps
