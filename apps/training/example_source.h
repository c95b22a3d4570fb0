// Batches of examples of classes.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <tapegrad/apps/training/length_batch_source.h>

namespace tapegrad::apps {

// The classes of examples, for a loss.
struct ClassesOf {
  Index classes = 0;
  std::vector<Index> of;          // by example
  std::vector<double> weights{};  // how much an example of each class counts; empty: all alike
};

// Numbers to predict, as outputs say them (OutputScale).
struct NumbersOf {
  std::vector<double> of;  // by example
};
using LabelsOf = std::variant<ClassesOf, NumbersOf>;

struct ExampleSourceOptions {
  Index batch = 64;
  std::uint64_t seed = 1;
  double label_smoothing = 0.0;
  std::optional<double> huber_delta{};  // of numbers; none: the squared error
};

// The sum over targets of the cross-entropy of their classes, or of the squared error or Huber's
// loss of their numbers, or another loss. Examples of about one length stand in a batch together.
class ExampleSource : public LengthBatchSource {
 public:
  // The outputs [examples, width of all targets] of some examples, by their numbers.
  using Outputs = std::function<Tensor(Tape&, std::span<const Index>)>;

  // The same with factors [all steps of the examples] of their steps' vectors, such as those of the
  // tokens of texts.
  using WeightedOutputs = std::function<Tensor(Tape&, std::span<const Index>, const Tensor&)>;

  // The mean loss of some examples, by their numbers.
  using Loss = std::function<Tensor(Tape&, std::span<const Index>)>;

  // `lengths` are as LengthBatches takes them, and how many steps examples have; an empty `loss` is
  // that of the targets.
  ExampleSource(Outputs outputs, std::vector<LabelsOf> targets, std::vector<Index> lengths,
                const ExampleSourceOptions& options, Loss loss = {});
  Tensor loss(Tape& tape) override;
  // None without these.
  void set_weighted_outputs(WeightedOutputs outputs) { weighted_outputs_ = std::move(outputs); }
  std::vector<double> gradients_by_step(Tape& tape) override;

 private:
  Tensor loss_of_outputs(const Tensor& outputs) const;
  Tensor loss_of(const ClassesOf& target, const Tensor& logits) const;
  Tensor loss_of(const NumbersOf& target, const Tensor& outputs) const;

  Outputs outputs_;
  WeightedOutputs weighted_outputs_;
  Loss loss_;
  std::vector<LabelsOf> targets_;
  ExampleSourceOptions options_;
};

}  // namespace tapegrad::apps
