#include <tapegrad/apps/explanation/image_explanation.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/explanation/path_integral.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {
namespace {

std::vector<InputPart> parts_of(Index count) {
  std::vector<InputPart> parts;
  for (Index i = 0; i < count; ++i)
    parts.push_back({.kind = InputKind::region, .number = static_cast<std::int32_t>(i)});
  return parts;
}

}  // namespace

std::string ImageRegions::name(Index region) const {
  const auto range = [&](Index at) {
    return fmt::format("{} to {}", at * side() + 1, std::min(size, (at + 1) * side()));
  };
  return fmt::format("rows {}, columns {}", range(region / across()), range(region % across()));
}

ImageExplanation explain_image_by_leaving_out(const ImageClassifier& model,
                                              std::span<const float> numbers,
                                              const ClassOfTarget& one, int threads) {
  const ImageShape& shape = model.shape;
  const ImageRegions regions{shape.size};
  const Index count = regions.across() * regions.across();
  // The picture, then the picture without each region.
  const auto changed = [&](Index number) {
    std::vector<float> own(numbers.begin(), numbers.end());
    for (Index i = 0; number > 0 && i < shape.numbers(); ++i) {
      const Index pixel = i % shape.pixels();
      if (regions.of(pixel / shape.size, pixel % shape.size) == number - 1)
        own[static_cast<std::size_t>(i)] = 0.0F;
    }
    return own;
  };
  std::vector<Index> all;
  for (Index i = 0; i <= count; ++i) all.push_back(i);
  const ExampleNetwork network{.outputs =
                                   [&](Tape& tape, std::span<const Index> some) {
                                     std::vector<float> batch;
                                     for (const Index i : some) {
                                       const std::vector<float> own = changed(i);
                                       batch.insert(batch.end(), own.begin(), own.end());
                                     }
                                     return network_outputs(model, tape, batch);
                                   },
                               .lengths = std::vector<Index>(all.size(), 0)};
  const std::vector<double> scores =
      class_scores(model, outputs_of(network, all, model.width(), threads), one);
  ImageExplanation found;
  found.explanation.score = scores.front();
  const std::vector<InputPart> parts = parts_of(count);
  for (std::size_t region = 0; region < parts.size(); ++region)
    found.explanation.contributions.push_back({parts[region], scores.front() - scores[region + 1]});
  for (Index pixel = 0; pixel < shape.pixels(); ++pixel) {
    const Index region = regions.of(pixel / shape.size, pixel % shape.size);
    found.pixels.push_back(found.explanation.contributions[static_cast<std::size_t>(region)].value);
  }
  finish(found.explanation, 0.0);  // sorts them
  found.explanation.is_sum = false;
  return found;
}

ImageExplanation explain_image_by_gradients(const ImageClassifier& model,
                                            std::span<const float> numbers,
                                            const ClassOfTarget& one, int steps) {
  const ImageShape& shape = model.shape;
  const ImageRegions regions{shape.size};
  const auto score = [&](Tape& tape, const Tensor& strengths) {
    const Tensor picture = tape.input(numbers, {1, shape.channels, shape.size, shape.size});
    const Tensor weakened = picture * reshape(strengths, {1, 1, shape.size, shape.size});
    return class_score(model, tensor_outputs(model, weakened), one);
  };
  const Explanation of_pixels = integrate_gradients(parts_of(shape.pixels()), score, steps);
  ImageExplanation found;
  found.pixels.resize(static_cast<std::size_t>(shape.pixels()));
  std::vector<double> sums(static_cast<std::size_t>(regions.across() * regions.across()), 0.0);
  for (const Contribution& own : of_pixels.contributions) {
    const Index pixel = own.part.number;
    found.pixels[static_cast<std::size_t>(pixel)] = own.value;
    sums[static_cast<std::size_t>(regions.of(pixel / shape.size, pixel % shape.size))] += own.value;
  }
  const std::vector<InputPart> parts = parts_of(static_cast<Index>(sums.size()));
  for (std::size_t region = 0; region < parts.size(); ++region)
    found.explanation.contributions.push_back({parts[region], sums[region]});
  found.explanation.score = of_pixels.score;
  found.explanation.without_all = of_pixels.without_all;
  finish(found.explanation, 0.0);  // sorts them
  found.explanation.is_sum = of_pixels.is_sum;
  return found;
}

Image saliency_picture(std::span<const unsigned char> bytes, const ImageShape& shape,
                       std::span<const double> pixels) {
  constexpr Index least = 224;
  const Index zoom = (least + shape.size - 1) / shape.size, side = shape.size * zoom;
  Image image{.width = 2 * side,
              .height = side,
              .channels = 3,
              .values = std::vector<unsigned char>(static_cast<std::size_t>(6 * side * side))};
  double greatest = 0.0;
  for (const double value : pixels) greatest = std::max(greatest, std::abs(value));
  const auto byte = [&](Index c, Index pixel) {
    const Index channel = shape.channels == 1 ? 0 : c;
    return static_cast<double>(bytes[static_cast<std::size_t>(channel * shape.pixels() + pixel)]);
  };
  constexpr double green[] = {0.0, 170.0, 60.0}, red[] = {220.0, 30.0, 20.0};
  for (Index y = 0; y < side; ++y) {
    for (Index x = 0; x < side; ++x) {
      const Index pixel = y / zoom * shape.size + x / zoom;
      const double value = pixels[static_cast<std::size_t>(pixel)];
      const double depth = greatest > 0.0 ? 0.9 * std::abs(value) / greatest : 0.0;
      const double grey = 0.5 * (byte(0, pixel) + byte(1, pixel) + byte(2, pixel)) / 3.0 + 64.0;
      for (Index c = 0; c < 3; ++c) {
        const auto put = [&](Index at_x, double number) {
          image.values[static_cast<std::size_t>((y * 2 * side + at_x) * 3 + c)] =
              static_cast<unsigned char>(std::lround(number));
        };
        const double colour = value < 0.0 ? red[c] : green[c];
        put(x, byte(c, pixel));
        put(side + x, grey * (1.0 - depth) + colour * depth);
      }
    }
  }
  return image;
}

}  // namespace tapegrad::apps
