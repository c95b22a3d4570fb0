#include <tapegrad/apps/training/example_source.h>

#include <utility>

namespace tapegrad::apps {
namespace {

Index width_of(const LabelsOf& target) {
  const auto* classes = std::get_if<ClassesOf>(&target);
  return classes == nullptr ? 1 : classes->classes;
}

}  // namespace

ExampleSource::ExampleSource(Outputs outputs, std::vector<LabelsOf> targets,
                             std::vector<Index> lengths, const ExampleSourceOptions& options,
                             Loss loss)
    : LengthBatchSource(std::move(lengths), options.batch, options.seed),
      outputs_(std::move(outputs)),
      loss_(std::move(loss)),
      targets_(std::move(targets)),
      options_(options) {}

Tensor ExampleSource::loss(Tape& tape) {
  if (loss_) return loss_(tape, batch());
  const Tensor outputs = outputs_(tape, batch());
  Tensor sum;
  Index first = 0;
  for (const LabelsOf& target : targets_) {
    const Index end = first + width_of(target);
    const Tensor own = targets_.size() == 1 ? outputs : slice(outputs, 1, first, end);
    const Tensor loss =
        std::visit([&](const auto& labels) { return loss_of(labels, own); }, target);
    sum = first == 0 ? loss : sum + loss;
    first = end;
  }
  return sum;
}

Tensor ExampleSource::loss_of(const ClassesOf& target, const Tensor& logits) const {
  std::vector<Index> own;
  for (const Index example : batch()) own.push_back(target.of[static_cast<std::size_t>(example)]);
  const Tensor weights =
      target.weights.empty() ? Tensor() : logits.tape().input(target.weights, {target.classes});
  return softmax_cross_entropy(logits, logits.tape().ids(own),
                               {.label_smoothing = options_.label_smoothing, .weights = weights});
}

Tensor ExampleSource::loss_of(const NumbersOf& target, const Tensor& outputs) const {
  std::vector<double> own;
  for (const Index example : batch()) own.push_back(target.of[static_cast<std::size_t>(example)]);
  const Tensor truth = outputs.tape().input(own, outputs.shape());
  return options_.huber_delta ? huber(outputs, truth, *options_.huber_delta)
                              : mean_squared_error(outputs, truth);
}

}  // namespace tapegrad::apps
