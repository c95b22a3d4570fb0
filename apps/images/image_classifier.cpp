#include <tapegrad/apps/images/image_classifier.h>

#include <cmath>

#include <tapegrad/apps/images/image_row.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad image classifier 1";

Tensor recorded(const ImageClassifier& model, Tape& tape, std::span<const float> numbers) {
  const ImageShape& shape = model.shape;
  return tape.input(numbers, {static_cast<Index>(numbers.size()) / shape.numbers(), shape.channels,
                              shape.size, shape.size});
}

// Pictures mirrored left to right.
Tensor mirrored(const Tensor& pictures) {
  const Index size = pictures.shape()[3];
  std::vector<Index> places;
  for (Index x = size - 1; x >= 0; --x) places.push_back(x);
  const Tensor turned = transpose(pictures, {3, 0, 1, 2});
  return transpose(gather_rows(turned, pictures.tape().ids(places)), {1, 2, 3, 0});
}

// What `say` says of the pictures, and of their mirror images where the model looks at these, too.
template <class Say>
Tensor said_of(const ImageClassifier& model, const Tensor& pictures, const Say& say) {
  if (!looks_twice(model.settings)) return say(pictures);
  return (say(pictures) + say(mirrored(pictures))) * 0.5;
}

std::vector<double> all_said(const ImageClassifier& model, const ImageSet& images, Index width,
                             int threads, Tensor (*say)(const ImageClassifier&, const Tensor&)) {
  std::vector<Index> all;
  for (Index i = 0; i < images.count(); ++i) all.push_back(i);
  const ExampleNetwork network{
      .outputs =
          [&](Tape& tape, std::span<const Index> some) {
            return say(model, recorded(model, tape, scaled_images(model, images, some)));
          },
      .lengths = std::vector<Index>(all.size(), 0)};
  return outputs_of(network, all, width, threads);
}

Tensor tensor_vectors(const ImageClassifier& model, const Tensor& pictures) {
  return said_of(model, pictures,
                 [&](const Tensor& images) { return model.network->encode(images); });
}

PixelScale get_scale(const nn::WeightFile& file, Index channels) {
  PixelScale scale;
  const auto means = get_list<float>(file, "pixels.means"),
             deviations = get_list<float>(file, "pixels.deviations");
  if (static_cast<Index>(means.size()) != channels || deviations.size() != means.size())
    throw Error("its pixels.means and pixels.deviations must have a number for each channel");
  scale.means.assign(means.begin(), means.end());
  scale.deviations.assign(deviations.begin(), deviations.end());
  for (std::size_t c = 0; c < means.size(); ++c) {
    if (!(std::isfinite(means[c]) && std::isfinite(deviations[c]) && deviations[c] > 0.0F))
      throw Error("its pixels.means and pixels.deviations are no scale");
  }
  return scale;
}

ImageClassifier read_model(nn::WeightFile& file) {
  ImageClassifier model;
  const ImageRow row = get_row(file, format_name, image_row, model);
  check_settings(row, model.settings);
  model.targets = get_targets(file);
  const auto shape = get_list<std::int64_t>(file, "pixels.shape");
  if (shape.size() != 2 || (shape[0] != 1 && shape[0] != 3) || shape[1] < 1 ||
      shape[1] > largest_image_size)
    throw Error("its pixels.shape is no shape of pictures");
  model.shape = {.channels = shape[0], .size = shape[1]};
  model.scale = get_scale(file, model.shape.channels);
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.network = row.make(model.settings, scope, model.shape, model.width());
  });
  return model;
}

}  // namespace

std::vector<float> scaled_images(const ImageClassifier& model, const ImageSet& images,
                                 std::span<const Index> some) {
  const auto size = static_cast<std::size_t>(model.shape.numbers());
  std::vector<float> numbers(some.size() * size);
  for (std::size_t i = 0; i < some.size(); ++i)
    model.scale.apply(images.of(some[i]), std::span(numbers).subspan(i * size, size));
  return numbers;
}

Tensor tensor_outputs(const ImageClassifier& model, const Tensor& pictures) {
  return said_of(model, pictures,
                 [&](const Tensor& images) { return model.network->outputs(images); });
}

Tensor network_outputs(const ImageClassifier& model, Tape& tape, std::span<const float> numbers) {
  return tensor_outputs(model, recorded(model, tape, numbers));
}

std::vector<double> image_outputs(const ImageClassifier& model, const ImageSet& images,
                                  int threads) {
  return all_said(model, images, model.width(), threads, tensor_outputs);
}

std::vector<double> image_vectors(const ImageClassifier& model, const ImageSet& images,
                                  int threads) {
  return all_said(model, images, model.network->width(), threads, tensor_vectors);
}

void save_image_classifier(const std::string& path, const ImageClassifier& model) {
  nn::WeightFile file;
  put_row(file, format_name, image_row(model.name), model);
  put_targets(file, model.targets);
  const std::int64_t shape[] = {model.shape.channels, model.shape.size};
  put_list<std::int64_t>(file, "pixels.shape", shape);
  put_list<float>(file, "pixels.means", model.scale.means);
  put_list<float>(file, "pixels.deviations", model.scale.deviations);
  put_weights(file, *model.parameters);
  save_sealed(path, std::move(file));
}

ImageClassifier load_image_classifier(const std::string& path) {
  return load_as("classifier of pictures", path, read_model);
}

}  // namespace tapegrad::apps
