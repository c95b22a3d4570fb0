// Batches of examples of classes.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <tapegrad/apps/training/length_batch_source.h>

namespace tapegrad::apps {

// The classes of examples, for a loss.
struct ClassesOf {
  Index classes = 0;
  std::vector<Index> of;          // by example
  std::vector<double> weights{};  // how much an example of each class counts; empty: all alike
};

struct ExampleSourceOptions {
  Index batch = 64;
  std::uint64_t seed = 1;
  double label_smoothing = 0.0;
};

// The sum over targets of the cross-entropy of their classes, or another loss. Examples of about
// one length stand in a batch together.
class ExampleSource : public LengthBatchSource {
 public:
  // The logits [examples, classes of all targets] of some examples, by their numbers.
  using Logits = std::function<Tensor(Tape&, std::span<const Index>)>;

  // The mean loss of some examples, by their numbers.
  using Loss = std::function<Tensor(Tape&, std::span<const Index>)>;

  // `lengths` are as LengthBatches takes them; an empty `loss` is the cross-entropy.
  ExampleSource(Logits logits, std::vector<ClassesOf> targets, std::vector<Index> lengths,
                const ExampleSourceOptions& options, Loss loss = {});
  Tensor loss(Tape& tape) override;

 private:
  Logits logits_;
  Loss loss_;
  std::vector<ClassesOf> targets_;
  ExampleSourceOptions options_;
};

}  // namespace tapegrad::apps
