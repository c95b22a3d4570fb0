#include <tapegrad/apps/training/fit_images.h>

#include <string_view>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/images/image_row.h>

namespace tapegrad::apps {

std::string image_fingerprint(const ImageSet& images, std::span<const Labels> truth,
                              std::span<const Index> some) {
  StableHash hash;
  hash.add_index(images.shape.channels);
  hash.add_index(images.shape.size);
  for (const Index i : some) {
    const auto bytes = images.of(i);
    hash.add_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  add_labels(hash, truth, some);
  return hexadecimal(hash.value());
}

int fit_images(ImageClassifier& model, const ImageSet& images, std::span<const Labels> truth,
               std::span<const std::string> names, std::span<const Index> some,
               const ImageFitOptions& options, Progress& progress) {
  const ImageRow& row = image_row(model.name);
  const std::uint64_t seed = options.examples.loop.seed;
  begin_classifier(model, options.settings, seed, truth, names, some);
  model.fingerprint = image_fingerprint(images, truth, some);
  model.shape = images.shape;
  const Augmentation augmentation = augmentation_of(model.settings);
  // A picture is changed in its own way at each update, the same in a run that was interrupted.
  const auto changed = [&, seed](Tape& tape, std::span<const Index> batch) {
    std::vector<float> numbers = scaled_images(model, images, batch);
    const auto size = static_cast<std::size_t>(model.shape.numbers());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Random random(combine_bits(seed, tape.step()), static_cast<std::uint64_t>(batch[i]));
      augment(std::span(numbers).subspan(i * size, size), model.shape, augmentation, random);
    }
    return model.network->outputs(
        tape.input(numbers, {static_cast<Index>(batch.size()), model.shape.channels,
                             model.shape.size, model.shape.size}));
  };
  const auto make = [&](const Scope& scope, std::span<const Index> learnt_from) {
    model.scale = PixelScale(images, learnt_from);
    model.network = row.make(model.settings, scope, model.shape, model.width());
    return ExampleNetwork{
        .outputs =
            [&, changed](Tape& tape, std::span<const Index> batch) {
              if (tape.training()) return changed(tape, batch);
              return network_outputs(model, tape, scaled_images(model, images, batch));
            },
        .lengths = std::vector<Index>(static_cast<std::size_t>(images.count()), 0)};
  };
  return fit_examples(model, make, truth, some, options.examples, progress);
}

}  // namespace tapegrad::apps
