#include <tapegrad/apps/training/example_source.h>

#include <algorithm>
#include <cmath>
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
  return loss_of_outputs(outputs_(tape, batch()));
}

Tensor ExampleSource::loss_of_outputs(const Tensor& outputs) const {
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

std::vector<double> ExampleSource::gradients_by_step(Tape& tape) {
  if (!weighted_outputs_) return {};
  std::vector<Index> lengths;
  Index steps = 0;
  for (const Index example : batch()) {
    lengths.push_back(length(example));
    steps += lengths.back();
  }
  if (steps == 0) return {};
  const Tensor factors =
      tape.input(std::vector<double>(static_cast<std::size_t>(steps), 1.0), {steps});
  const Tensor loss = loss_of_outputs(weighted_outputs_(tape, batch(), factors));
  // The loss is a mean over the examples.
  const auto slopes =
      (gradient(loss, factors) * static_cast<double>(batch().size())).values<float>();
  std::vector<double> squares(static_cast<std::size_t>(std::ranges::max(lengths)), 0.0);
  std::vector<double> counts(squares.size(), 0.0);
  auto end = slopes.begin();
  for (const Index own : lengths) {
    end += own;
    for (std::size_t back = 0; back < static_cast<std::size_t>(own); ++back) {
      const auto slope = static_cast<double>(*(end - 1 - static_cast<std::ptrdiff_t>(back)));
      squares[back] += slope * slope;
      counts[back] += 1.0;
    }
  }
  for (std::size_t back = 0; back < squares.size(); ++back)
    squares[back] = std::sqrt(squares[back] / counts[back]);
  return squares;
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
