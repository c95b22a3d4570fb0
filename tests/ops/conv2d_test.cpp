// Convolutions of every size, by oneDNN's direct kernels and as products of matrices, against loops
// in double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/random.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/direct_convolution.h>

namespace {

namespace tg = tapegrad;
using tg::image_columns::Layout;

struct Sizes {
  tg::Index batch, channels, height, width, filters;
  tg::Index kernel[2];
  tg::Conv2dOptions options;

  tg::Shape images() const { return {batch, channels, height, width}; }
  tg::Shape weights() const { return {filters, channels / options.groups, kernel[0], kernel[1]}; }
  Layout layout() const {
    return {images(),
            weights(),
            {{options.stride[0], options.stride[1]},
             {options.padding[0], options.padding[1]},
             {options.dilation[0], options.dilation[1]},
             options.groups,
             {0, 0}}};
  }
  std::string text() const {
    return images().to_string() + " by " + weights().to_string() + ", stride " +
           std::to_string(options.stride[0]) + " " + std::to_string(options.stride[1]) +
           ", padding " + std::to_string(options.padding[0]) + " " +
           std::to_string(options.padding[1]) + ", dilation " +
           std::to_string(options.dilation[0]) + " " + std::to_string(options.dilation[1]) +
           ", groups " + std::to_string(options.groups);
  }
};

// The output, the gradient to the images and the gradient to the weights.
struct Products {
  std::vector<float> output, images, weights;
  bool operator==(const Products&) const = default;
};

Products computed(const Sizes& sizes, const std::vector<float>& images,
                  const std::vector<float>& weights, const std::vector<float>& gradient,
                  int threads) {
  tg::Tape tape({.threads = threads});
  const tg::Tensor x = tape.input(images, sizes.images());
  const tg::Tensor w = tape.input(weights, sizes.weights());
  const tg::Tensor y = tg::conv2d(x, w, sizes.options);
  const tg::Tensor g = tape.input(gradient, y.shape());
  const tg::Tensor targets[] = {x, w};
  const std::vector<tg::Tensor> gradients = tg::vector_jacobian_product(y, g, targets);
  const auto numbers = [](const tg::Tensor& t) {
    const auto values = t.values<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  return {numbers(y), numbers(gradients[0]), numbers(gradients[1])};
}

// An element of a product, and the sum of its terms' sizes.
struct Exact {
  double value = 0.0, size = 0.0;
  void add(float a, float b) {
    const double term = static_cast<double>(a) * static_cast<double>(b);
    value += term;
    size += std::abs(term);
  }
};

// Calls visit(output element, image element, weight element) for every product of a convolution.
template <class Visit>
void for_each_term(const Sizes& sizes, const Visit& visit) {
  const Layout layout = sizes.layout();
  const tg::Index own = layout.group_channels();
  for (tg::Index n = 0; n < sizes.batch; ++n) {
    for (tg::Index f = 0; f < sizes.filters; ++f) {
      const tg::Index group = f / layout.group_filters();
      for (tg::Index y = 0; y < layout.out_height; ++y) {
        for (tg::Index x = 0; x < layout.out_width; ++x) {
          const tg::Index out =
              ((n * sizes.filters + f) * layout.out_height + y) * layout.out_width + x;
          for (tg::Index c = 0; c < own; ++c) {
            for (tg::Index ky = 0; ky < sizes.kernel[0]; ++ky) {
              for (tg::Index kx = 0; kx < sizes.kernel[1]; ++kx) {
                const auto& o = sizes.options;
                const tg::Index at_y = y * o.stride[0] + ky * o.dilation[0] - o.padding[0];
                const tg::Index at_x = x * o.stride[1] + kx * o.dilation[1] - o.padding[1];
                if (at_y < 0 || at_y >= sizes.height || at_x < 0 || at_x >= sizes.width) continue;
                visit(out,
                      ((n * sizes.channels + group * own + c) * sizes.height + at_y) * sizes.width +
                          at_x,
                      ((f * own + c) * sizes.kernel[0] + ky) * sizes.kernel[1] + kx);
              }
            }
          }
        }
      }
    }
  }
}

// The largest error, in 2⁻²⁴ of the terms' sizes.
double worst(const std::vector<float>& numbers, const std::vector<Exact>& exact) {
  double most = 0.0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double error = std::abs(static_cast<double>(numbers[i]) - exact[i].value);
    if (error > 0.0) most = std::max(most, error / (exact[i].size / 16777216.0));
  }
  return most;
}

std::vector<float> random_numbers(tg::Random& random, tg::Index count) {
  std::vector<float> numbers;
  for (tg::Index i = 0; i < count; ++i)
    numbers.push_back(static_cast<float>(random.uniform(-1.0, 1.0)));
  return numbers;
}

Sizes random_sizes(tg::Random& random) {
  const auto draw = [&](tg::Index from, tg::Index to) {
    return from + random.below(to - from + 1);
  };
  Sizes sizes{};
  // Half of them are of a size that direct kernels are for.
  const bool large = random.below(2) == 0;
  sizes.options.groups = random.below(5) == 0 ? 2 : 1;
  sizes.batch = draw(1, 9);
  sizes.channels = sizes.options.groups * draw(1, large ? 60 : 4);
  sizes.filters = sizes.options.groups * draw(1, large ? 40 : 4);
  for (int axis = 0; axis < 2; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    sizes.kernel[axis] = draw(1, 4);
    sizes.options.stride[a] = random.below(3) == 0 ? draw(1, 3) : 1;
    sizes.options.padding[a] = draw(0, 2);
    sizes.options.dilation[a] = random.below(4) == 0 ? draw(1, 3) : 1;
    const tg::Index least = std::max<tg::Index>(
        1, sizes.options.dilation[a] * (sizes.kernel[axis] - 1) + 1 - 2 * sizes.options.padding[a]);
    (axis == 0 ? sizes.height : sizes.width) = least + draw(0, large ? 14 : 4);
  }
  return sizes;
}

}  // namespace

TEST_CASE("convolutions of random sizes and both their gradients agree with loops in double") {
  const std::uint64_t seed = 20261128;
  CAPTURE(seed);
  tg::Random random(seed);
  int direct = 0, as_matrices = 0;
  for (int round = 0; round < 120; ++round) {
    const Sizes sizes = random_sizes(random);
    CAPTURE(round);
    CAPTURE(sizes.text());
    const Layout layout = sizes.layout();
    const bool is_direct =
        tg::DirectConvolution::find(layout, {.product = tg::ConvolutionProduct::output,
                                             .channels = sizes.channels}) != nullptr;
    (is_direct ? direct : as_matrices) += 1;
    const auto images = random_numbers(random, sizes.images().size());
    const auto weights = random_numbers(random, sizes.weights().size());
    const tg::Index outputs = sizes.batch * sizes.filters * layout.places();
    const auto gradient = random_numbers(random, outputs);
    const Products got = computed(sizes, images, weights, gradient, 1);
    std::vector<Exact> output(static_cast<std::size_t>(outputs)), to_images(images.size()),
        to_weights(weights.size());
    for_each_term(sizes, [&](tg::Index o, tg::Index i, tg::Index w) {
      const auto at_o = static_cast<std::size_t>(o), at_i = static_cast<std::size_t>(i),
                 at_w = static_cast<std::size_t>(w);
      output[at_o].add(images[at_i], weights[at_w]);
      to_images[at_i].add(gradient[at_o], weights[at_w]);
      to_weights[at_w].add(gradient[at_o], images[at_i]);
    });
    // Errors of up to 2,048 additions in float; far fewer in practice, as they cancel.
    CHECK(worst(got.output, output) < 32.0);
    CHECK(worst(got.images, to_images) < 32.0);
    CHECK(worst(got.weights, to_weights) < 32.0);
    CHECK(computed(sizes, images, weights, gradient, 4) == got);
  }
  MESSAGE(direct << " directly, " << as_matrices << " as products of matrices");
  CHECK(as_matrices > 20);
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) CHECK(direct > 20);
#endif
}

TEST_CASE("what a convolution makes of an image does not depend on the rest of the batch") {
  tg::Random random(5);
  const Sizes all{.batch = 7,
                  .channels = 24,
                  .height = 9,
                  .width = 11,
                  .filters = 40,
                  .kernel = {3, 3},
                  .options = {.padding = {1, 1}}};
  Sizes one = all;
  one.batch = 1;
  const auto images = random_numbers(random, all.images().size());
  const auto weights = random_numbers(random, all.weights().size());
  const auto each = static_cast<std::ptrdiff_t>(one.images().size());
  const tg::Index each_output = all.filters * all.layout().places();
  const auto gradient = random_numbers(random, all.batch * each_output);
  const Products together = computed(all, images, weights, gradient, 2);
  for (std::ptrdiff_t i = 0; i < all.batch; ++i) {
    const std::vector<float> image(images.begin() + i * each, images.begin() + (i + 1) * each);
    const auto from = gradient.begin() + i * each_output;
    const Products alone = computed(one, image, weights, {from, from + each_output}, 1);
    CHECK(std::equal(alone.output.begin(), alone.output.end(),
                     together.output.begin() + i * each_output));
    CHECK(std::equal(alone.images.begin(), alone.images.end(), together.images.begin() + i * each));
  }
}

TEST_CASE("pictures of more sizes than kernels are remembered for, asked for again") {
  const auto of_size = [](tg::Index width) {
    const Sizes sizes{.batch = 3,
                      .channels = 3,
                      .height = 8,
                      .width = width,
                      .filters = 32,
                      .kernel = {3, 3},
                      .options = {.padding = {1, 1}}};
    tg::Random random(static_cast<std::uint64_t>(width));
    const auto images = random_numbers(random, sizes.images().size());
    const auto weights = random_numbers(random, sizes.weights().size());
    const auto gradient =
        random_numbers(random, sizes.batch * sizes.filters * sizes.layout().places());
    return computed(sizes, images, weights, gradient, 1);
  };
  std::vector<Products> first;
  for (tg::Index width = 8; width < 108; ++width) first.push_back(of_size(width));
  for (tg::Index width = 8; width < 108; width += 9)
    CHECK(of_size(width) == first[static_cast<std::size_t>(width - 8)]);
}

TEST_CASE(
    "sums that are too long for float, groups and small products are no direct convolutions") {
  const auto find = [](const Sizes& sizes, tg::ConvolutionProduct product) {
    return tg::DirectConvolution::find(sizes.layout(),
                                       {.product = product, .channels = sizes.channels});
  };
  using Product = tg::ConvolutionProduct;
  const Sizes usual{.batch = 2,
                    .channels = 32,
                    .height = 14,
                    .width = 14,
                    .filters = 64,
                    .kernel = {3, 3},
                    .options = {.padding = {1, 1}}};
  Sizes deep = usual;
  deep.channels = 256;
  CHECK(find(deep, Product::output) == nullptr);
  Sizes many = usual;
  many.filters = 256;
  CHECK(find(many, Product::images) == nullptr);
  Sizes wide = usual;
  wide.height = wide.width = 64;
  CHECK(find(wide, Product::weights) == nullptr);
  Sizes grouped = usual;
  grouped.options.groups = 2;
  Sizes line = usual;
  line.height = line.kernel[0] = 1;
  line.options.padding[0] = 0;
  line.width = 196;
  Sizes small = usual;
  small.height = small.width = 3;
  for (const Product product : {Product::output, Product::images, Product::weights}) {
    CHECK(find(grouped, product) == nullptr);
    CHECK(find(small, product) == nullptr);
    CHECK(find(line, product) == nullptr);
  }
}
