#include <tapegrad/apps/training/example_source.h>

#include <utility>

namespace tapegrad::apps {

ExampleSource::ExampleSource(Logits logits, std::span<const Index> classes,
                             std::vector<Index> lengths, const ExampleSourceOptions& options)
    : logits_(std::move(logits)),
      classes_(classes),
      options_(options),
      batches_(std::move(lengths), options.batch) {}

void ExampleSource::begin_epoch(int epoch) {
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  batches_.begin(random);
}

Tensor ExampleSource::loss(Tape& tape) {
  std::vector<Index> own;
  for (const Index example : batches_.batch())
    own.push_back(classes_[static_cast<std::size_t>(example)]);
  const auto classes = static_cast<Index>(options_.class_weights.size());
  const Tensor weights = classes == 0 ? Tensor() : tape.input(options_.class_weights, {classes});
  return softmax_cross_entropy(logits_(tape, batches_.batch()), tape.ids(own),
                               {.label_smoothing = options_.label_smoothing, .weights = weights});
}

}  // namespace tapegrad::apps
