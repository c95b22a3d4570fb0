// Batches of examples of classes.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/length_batches.h>

namespace tapegrad::apps {

struct ExampleSourceOptions {
  Index batch = 64;
  std::uint64_t seed = 1;
  // How much an example of each class counts; empty: all the same.
  std::vector<double> class_weights{};
  double label_smoothing = 0.0;
};

// The cross-entropy of the classes of examples. Examples of about one length stand in a batch
// together.
class ExampleSource : public BatchSource {
 public:
  // The logits [examples, classes] of some examples, by their numbers.
  using Logits = std::function<Tensor(Tape&, std::span<const Index>)>;

  // `classes` by example, which outlive the source; `lengths` as LengthBatches takes them.
  ExampleSource(Logits logits, std::span<const Index> classes, std::vector<Index> lengths,
                const ExampleSourceOptions& options);
  void begin_epoch(int epoch) override;
  bool next() override { return batches_.next(); }
  Index epoch_samples() const override { return batches_.examples(); }
  Index samples() const override { return static_cast<Index>(batches_.batch().size()); }
  Tensor loss(Tape& tape) override;

 private:
  Logits logits_;
  std::span<const Index> classes_;
  ExampleSourceOptions options_;
  LengthBatches batches_;
};

}  // namespace tapegrad::apps
