#include <tapegrad/apps/training/example_source.h>

#include <utility>

namespace tapegrad::apps {

ExampleSource::ExampleSource(Logits logits, std::span<const Index> classes,
                             std::vector<Index> lengths, const ExampleSourceOptions& options)
    : LengthBatchSource(std::move(lengths), options.batch, options.seed),
      logits_(std::move(logits)),
      classes_(classes),
      options_(options) {}

Tensor ExampleSource::loss(Tape& tape) {
  std::vector<Index> own;
  for (const Index example : batch()) own.push_back(classes_[static_cast<std::size_t>(example)]);
  const auto classes = static_cast<Index>(options_.class_weights.size());
  const Tensor weights = classes == 0 ? Tensor() : tape.input(options_.class_weights, {classes});
  return softmax_cross_entropy(logits_(tape, batch()), tape.ids(own),
                               {.label_smoothing = options_.label_smoothing, .weights = weights});
}

}  // namespace tapegrad::apps
