// Batches of examples of classes.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <tapegrad/apps/training/length_batch_source.h>

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
class ExampleSource : public LengthBatchSource {
 public:
  // The logits [examples, classes] of some examples, by their numbers.
  using Logits = std::function<Tensor(Tape&, std::span<const Index>)>;

  // `classes` by example, which outlive the source; `lengths` are as LengthBatches takes them.
  ExampleSource(Logits logits, std::span<const Index> classes, std::vector<Index> lengths,
                const ExampleSourceOptions& options);
  Tensor loss(Tape& tape) override;

 private:
  Logits logits_;
  std::span<const Index> classes_;
  ExampleSourceOptions options_;
};

}  // namespace tapegrad::apps
