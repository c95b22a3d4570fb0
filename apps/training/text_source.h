// Batches of a text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/models/language_model.h>
#include <tapegrad/apps/models/next_item_loss.h>
#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/item_sampler.h>

namespace tapegrad::apps {

struct TextSourceOptions {
  Index lanes = 64, steps = 64;
  NextItemLossOptions loss;  // softmax or sampled_softmax
  std::uint64_t seed = 0;
};

// A text in so many parts (lanes) of one length side by side, in chunks of so many steps; the
// states are carried over, the gradients are not (truncated backpropagation through time). Each
// epoch begins at another of the first units, so that chunks end elsewhere; what is left at the end
// of the lanes, less than a chunk, waits for another epoch. Where a text is short, there are fewer
// lanes, and then shorter chunks.
class TextSource : public BatchSource {
 public:
  // The text has two units or more and outlives the source. With the loss sampled_softmax, the
  // negatives of each chunk are drawn by how often the units come in the text.
  TextSource(const LanguageModel& model, std::span<const std::int32_t> text,
             const TextSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override;
  Index epoch_samples() const override { return chunks_ * samples(); }
  Index samples() const override { return lanes_ * steps_; }
  Tensor loss(Tape& tape) override;
  void computed() override { carried_.take(); }
  std::map<std::string, Array> state() const override { return carried_.values(); }
  void restore(const std::map<std::string, Array>& state) override;

 private:
  const LanguageModel& model_;
  std::span<const std::int32_t> text_;
  Index lanes_, steps_;
  NextItemLossOptions loss_;
  std::uint64_t seed_;
  std::optional<ItemSampler> sampler_;  // of negatives, where the loss needs them
  Random random_{0};
  std::vector<Index> negatives_;   // of the chunk
  Index offset_ = 0, length_ = 0;  // of the epoch: where the lanes begin, units in each
  Index chunks_ = 0, taken_ = 0;
  nn::CarriedState carried_;
};

}  // namespace tapegrad::apps
