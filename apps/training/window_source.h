// Batches of whole sessions or of windows of them, for models that look at a part of a history at
// once.
#pragma once

#include <optional>
#include <vector>

#include <tapegrad/apps/training/item_sampler.h>
#include <tapegrad/apps/training/prefetch.h>
#include <tapegrad/apps/training/sequence_sources.h>

namespace tapegrad::apps {

// A loss at every event that has a next one. A session that is longer than the model looks back is
// cut into windows, whose places differ from epoch to epoch, so that an epoch has each event as a
// target once. Windows of about one length stand in a batch together, so that little is padding; a
// batch has the targets of options.batch windows of average length.
class WindowSource : public BatchSource {
 public:
  WindowSource(const SequenceModel& model, const Sessions& sessions,
               const SequenceSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return prefetch_.next(batch_); }
  Index epoch_samples() const override { return epoch_samples_; }
  Index samples() const override { return batch_.samples; }
  Tensor loss(Tape& tape) override;

 private:
  // Events [first, first + count) of a session are the inputs, the events after each the targets.
  struct Window {
    Index session = 0;
    std::size_t first = 0, count = 0;
  };
  // Some of the windows.
  struct Part {
    std::size_t first = 0, windows = 0;
  };
  struct Batch {
    std::vector<History> histories;
    NextTargets next;  // of each event of the histories
    std::vector<Index> negatives;
    Index samples = 0;
  };
  std::optional<Batch> make();
  void cut_windows(Random& random);
  void sort_into_batches(Random& random);

  const SequenceModel& model_;
  const Sessions& sessions_;
  SequenceSourceOptions options_;
  ItemSampler sampler_;
  TargetWeights weights_;
  Index epoch_samples_ = 0;
  std::vector<Window> windows_;
  std::vector<Part> batches_;  // in their order
  std::size_t taken_ = 0;      // of these
  Random random_{0};
  Batch batch_;
  Prefetch<Batch> prefetch_;  // the last: its thread uses the others
};

}  // namespace tapegrad::apps
