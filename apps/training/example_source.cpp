#include <tapegrad/apps/training/example_source.h>

#include <utility>

namespace tapegrad::apps {

ExampleSource::ExampleSource(Logits logits, std::vector<ClassesOf> targets,
                             std::vector<Index> lengths, const ExampleSourceOptions& options,
                             Loss loss)
    : LengthBatchSource(std::move(lengths), options.batch, options.seed),
      logits_(std::move(logits)),
      loss_(std::move(loss)),
      targets_(std::move(targets)),
      options_(options) {}

Tensor ExampleSource::loss(Tape& tape) {
  if (loss_) return loss_(tape, batch());
  const Tensor logits = logits_(tape, batch());
  Tensor sum;
  Index first = 0;
  for (const ClassesOf& target : targets_) {
    std::vector<Index> own;
    for (const Index example : batch()) own.push_back(target.of[static_cast<std::size_t>(example)]);
    const Tensor weights =
        target.weights.empty() ? Tensor() : tape.input(target.weights, {target.classes});
    const Tensor loss = softmax_cross_entropy(
        targets_.size() == 1 ? logits : slice(logits, 1, first, first + target.classes),
        tape.ids(own), {.label_smoothing = options_.label_smoothing, .weights = weights});
    sum = first == 0 ? loss : sum + loss;
    first += target.classes;
  }
  return sum;
}

}  // namespace tapegrad::apps
