// Convolution of images, and its two gradients. Each of the three is linear in both of its inputs,
// and the gradients of each are the other two, so that all orders close. Large ones of floats are
// computed by oneDNN's direct kernels (direct_convolution.h), all others as products of matrices
// (image_columns.h).
#include <algorithm>
#include <memory>
#include <type_traits>

#include <tapegrad/graph/sums.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/direct_convolution.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/image_columns.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

using namespace image_columns;

// Of all channels of one image. What an image becomes does not depend on the rest of its batch.
template <class T>
std::shared_ptr<DirectConvolution> direct_for_images(const Layout& layout,
                                                     ConvolutionProduct product) {
  if constexpr (std::is_same_v<T, float>)
    return DirectConvolution::find(layout, {.product = product, .channels = layout.channels});
  else
    return nullptr;
}

void forward_directly(const KernelContext& context, const Layout& layout,
                      DirectConvolution& direct) {
  const ItemRange images(context, layout.filters * layout.out_height, layout.batch);
  if (images.begin == images.end) return;
  DirectConvolution::Run run(direct);
  run.set_weights(context.in<float>(1));
  for (Index i = images.begin; i < images.end; ++i)
    run.output(context.in<float>(0) + i * layout.image(),
               context.out<float>() + i * layout.filters * layout.places());
}

template <class T>
void forward_kernel(const KernelContext& context) {
  const Layout layout(context.shape(0), context.shape(1), context.attributes<Attributes>());
  if (const auto direct = direct_for_images<T>(layout, ConvolutionProduct::output)) {
    forward_directly(context, layout, *direct);
    return;
  }
  const SharedColumns shared(layout);
  const Index filters = layout.group_filters(), places = layout.places();
  const ItemRange matrices(context, layout.filters * layout.out_height * shared.images,
                           shared.count());
  Scratch<T> memory((layout.patch() + (shared.images > 1 ? filters : 0)) * shared.most_columns());
  T* columns = memory.data();
  T* product = columns + layout.patch() * shared.most_columns();
  for (Index m = matrices.begin; m < matrices.end; ++m) {
    const Index images = shared.images_of(m), pitch = images * places;
    for (Index g = 0; g < layout.options.groups; ++g) {
      for (Index i = 0; i < images; ++i)
        unfold(layout, context.in<T>(0) + (shared.first(m) + i) * layout.image(), Lines(layout, g),
               columns + i * places, pitch);
      T* out = context.out<T>() + (shared.first(m) * layout.filters + g * filters) * places;
      gemm(filters, pitch, layout.patch(),
           {context.in<T>(1) + g * filters * layout.patch(), layout.patch()}, {columns, pitch},
           images == 1 ? out : product, pitch);
      if (images > 1)
        scatter_columns(images, filters, places, product, out, layout.filters * places);
    }
  }
}

void to_images_directly(const KernelContext& context, const Layout& layout,
                        DirectConvolution& direct) {
  const ItemRange images(context, layout.channels * layout.height, layout.batch);
  if (images.begin == images.end) return;
  DirectConvolution::Run run(direct);
  run.set_weights(context.in<float>(1));
  for (Index i = images.begin; i < images.end; ++i)
    run.images(context.in<float>(0) + i * layout.filters * layout.places(),
               context.out<float>() + i * layout.image());
}

// To the images, from the output's gradient and the weights.
template <class T>
void image_kernel(const KernelContext& context) {
  const Layout layout(context.output_shape(), context.shape(1), context.attributes<Attributes>());
  if (const auto direct = direct_for_images<T>(layout, ConvolutionProduct::images)) {
    to_images_directly(context, layout, *direct);
    return;
  }
  const SharedColumns shared(layout);
  const Index filters = layout.group_filters(), places = layout.places();
  const ItemRange matrices(context, layout.channels * layout.height * shared.images,
                           shared.count());
  Scratch<T> memory((layout.patch() + (shared.images > 1 ? filters : 0)) * shared.most_columns());
  T* columns = memory.data();
  T* gathered = columns + layout.patch() * shared.most_columns();
  // An element of an image is a sum over the places of the kernel: in double, if these are many.
  const bool few = layout.kernel_height * layout.kernel_width <= float_terms;
  Scratch<double> sums(few ? 0 : shared.images * layout.image());
  double* wide = sums.data();
  for (Index m = matrices.begin; m < matrices.end; ++m) {
    const Index images = shared.images_of(m), pitch = images * places;
    T* to = context.out<T>() + shared.first(m) * layout.image();
    if (few)
      std::fill_n(to, images * layout.image(), T{0});
    else
      std::fill_n(wide, images * layout.image(), 0.0);
    for (Index g = 0; g < layout.options.groups; ++g) {
      const T* gradient =
          context.in<T>(0) + (shared.first(m) * layout.filters + g * filters) * places;
      if (images > 1)
        gather_columns(images, filters, places, gradient, layout.filters * places, gathered);
      gemm(layout.patch(), pitch, filters,
           {context.in<T>(1) + g * filters * layout.patch(), layout.patch(), true},
           {images > 1 ? gathered : gradient, pitch}, columns, pitch);
      for (Index i = 0; i < images; ++i) {
        if (few)
          fold(layout, columns + i * places, pitch, Lines(layout, g), to + i * layout.image());
        else
          fold(layout, columns + i * places, pitch, Lines(layout, g), wide + i * layout.image());
      }
    }
    for (Index i = 0; !few && i < images * layout.image(); ++i) to[i] = static_cast<T>(wide[i]);
  }
}

// How the gradient to the weights is cut for direct kernels: into up to four blocks of 24 channels
// or more, which parts of a split take, and into runs of images, whose sums are added in double.
// With fewer than 48 channels it is one task, beside which the gradient to the images can run.
struct DirectWeights {
  Index blocks = 1, channels = 0;  // of a block
  Index images = 1;                // of a run
  std::shared_ptr<DirectConvolution> run;
  std::shared_ptr<DirectConvolution> single;  // for the images that are left over, one at a time

  explicit DirectWeights(const Layout& layout) {
    constexpr Index least_channels = 24, most_blocks = 4, places = 1024;
    for (Index count = 2; count <= most_blocks; ++count) {
      if (layout.channels % count == 0 && layout.channels / count >= least_channels) blocks = count;
    }
    channels = layout.channels / blocks;
    images = std::clamp(places / std::max(Index{1}, layout.places()), Index{1},
                        std::max(Index{1}, layout.batch));
    const auto find = [&](Index count) {
      return DirectConvolution::find(
          layout, {.product = ConvolutionProduct::weights, .channels = channels, .images = count});
    };
    run = find(images);
    single = images == 1 ? run : find(1);
  }
  bool exists() const { return run != nullptr && single != nullptr; }
};

void to_weights_directly(const KernelContext& context, const Layout& layout,
                         const DirectWeights& direct) {
  const Index patch = direct.channels * layout.kernel_height * layout.kernel_width;
  const ItemRange blocks(context, context.output.rows / direct.blocks, direct.blocks);
  Scratch<float> memory(layout.filters * patch);
  Scratch<double> totals(layout.filters * patch);
  for (Index block = blocks.begin; block < blocks.end; ++block) {
    std::fill_n(totals.data(), layout.filters * patch, 0.0);
    const float* images =
        context.in<float>(0) + block * direct.channels * layout.height * layout.width;
    const auto add = [&](DirectConvolution::Run& run, Index first) {
      run.weights(images + first * layout.image(),
                  context.in<float>(1) + first * layout.filters * layout.places(), memory.data());
      const float* __restrict product = memory.data();
      double* __restrict to = totals.data();
      for (Index i = 0; i < layout.filters * patch; ++i) to[i] += static_cast<double>(product[i]);
    };
    const Index whole = layout.batch / direct.images * direct.images;
    if (whole > 0) {
      DirectConvolution::Run run(*direct.run);
      for (Index first = 0; first < whole; first += direct.images) add(run, first);
    }
    if (whole < layout.batch) {
      DirectConvolution::Run run(*direct.single);
      for (Index first = whole; first < layout.batch; ++first) add(run, first);
    }
    for (Index f = 0; f < layout.filters; ++f) {
      float* to = context.out<float>() + f * layout.patch() + block * patch;
      for (Index i = 0; i < patch; ++i) to[i] = static_cast<float>(totals.data()[f * patch + i]);
    }
  }
}

// To the weights, from the images and the output's gradient. Images are added in their order, and
// in double. A part of a split takes lines of the patches, for all filters, so that no image is
// unfolded twice.
template <class T>
void weight_kernel(const KernelContext& context) {
  const Layout layout(context.shape(0), context.output_shape(), context.attributes<Attributes>());
  if constexpr (std::is_same_v<T, float>) {
    const DirectWeights direct(layout);
    if (direct.exists()) {
      to_weights_directly(context, layout, direct);
      return;
    }
  }
  const Index filters = layout.group_filters();
  const Index first = context.begin / layout.filters, last = context.end / layout.filters;
  const Index from = first * layout.kernel_width, width = (last - first) * layout.kernel_width;
  if (width == 0) return;
  const SharedColumns shared(layout);
  const Index places = layout.places();
  Scratch<T> memory(width * (shared.most_columns() + filters) +
                    (shared.images > 1 ? filters * shared.most_columns() : 0));
  T* columns = memory.data();
  T* product = columns + width * shared.most_columns();
  T* gathered = product + width * filters;
  Scratch<double> totals(width * layout.filters);
  double* sums = totals.data();
  std::fill_n(sums, width * layout.filters, 0.0);
  for (Index m = 0; m < shared.count(); ++m) {
    const Index images = shared.images_of(m), pitch = images * places;
    for (Index g = 0; g < layout.options.groups; ++g) {
      for (Index i = 0; i < images; ++i)
        unfold(layout, context.in<T>(0) + (shared.first(m) + i) * layout.image(),
               Lines(g, first, last), columns + i * places, pitch);
      const T* gradient =
          context.in<T>(1) + (shared.first(m) * layout.filters + g * filters) * places;
      if (images > 1)
        gather_columns(images, filters, places, gradient, layout.filters * places, gathered);
      gemm(filters, width, pitch, {images > 1 ? gathered : gradient, pitch}, {columns, pitch, true},
           product, width);
      double* __restrict to = sums + g * filters * width;
      for (Index i = 0; i < filters * width; ++i) to[i] += static_cast<double>(product[i]);
    }
  }
  for (Index f = 0; f < layout.filters; ++f) {
    T* to = context.out<T>() + f * layout.patch() + from;
    for (Index i = 0; i < width; ++i) to[i] = static_cast<T>(sums[f * width + i]);
  }
}

Type forward_shape(const ShapeContext& context) {
  const Shape& images = context.shape(0);
  const Shape& weights = context.shape(1);
  const auto& options = context.attributes<Attributes>();
  if (images.rank() != 4 || weights.rank() != 4) {
    throw ShapeError(
        fmt::format("needs images [batch, channels, height, width] and weights [filters, "
                    "channels/groups, height, "
                    "width], got {}",
                    shapes_of(context)));
  }
  if (images[1] != weights[1] * options.groups || weights[0] % options.groups != 0) {
    throw ShapeError(
        fmt::format("the images' channels ({}) must be the weights' ({}) times the groups ({}), "
                    "which must divide the "
                    "filters ({})",
                    images[1], weights[1], options.groups, weights[0]));
  }
  const Layout layout(images, weights, options);
  if (layout.out_height == 0 || layout.out_width == 0)
    throw ShapeError(
        fmt::format("the kernel is larger than the padded images, got {}", shapes_of(context)));
  return {{images[0], weights[0], layout.out_height, layout.out_width}, context.inputs[0]->dtype};
}

double product_cost(const ShapeContext&, const Layout& layout) {
  return static_cast<double>(layout.batch * layout.options.groups) *
         (gemm_cost(layout.group_filters(), layout.places(), layout.patch()) +
          static_cast<double>(layout.patch() * layout.places()));
}
double forward_cost(const ShapeContext& context, const Type&) {
  return product_cost(context,
                      Layout(context.shape(0), context.shape(1), context.attributes<Attributes>()));
}
double image_cost(const ShapeContext& context, const Type& output) {
  return product_cost(context,
                      Layout(output.shape, context.shape(1), context.attributes<Attributes>()));
}
double weight_cost(const ShapeContext& context, const Type& output) {
  return product_cost(context,
                      Layout(context.shape(0), output.shape, context.attributes<Attributes>()));
}

Tensor forward(const Tensor& images, const Tensor& weights, const Attributes& attributes) {
  return record(conv2d_operation, Located(images), Located(weights), attributes);
}
Tensor to_images(const Tensor& gradient, const Tensor& weights, Attributes attributes,
                 const Shape& images) {
  attributes.extent[0] = images[2];
  attributes.extent[1] = images[3];
  return record(conv2d_image_gradient_operation, Located(gradient), Located(weights), attributes);
}
Tensor to_weights(const Tensor& images, const Tensor& gradient, Attributes attributes,
                  const Shape& weights) {
  attributes.extent[0] = weights[2];
  attributes.extent[1] = weights[3];
  return record(conv2d_weight_gradient_operation, Located(images), Located(gradient), attributes);
}
Attributes plain(Attributes attributes) {
  attributes.extent[0] = attributes.extent[1] = 0;
  return attributes;
}

void forward_rule(GradientContext& context) {
  const auto& options = context.attributes<Attributes>();
  const Tensor x = context.input(0), w = context.input(1), g = context.gradient();
  if (context.needs(0)) context.add(0, to_images(g, w, options, x.shape()));
  if (context.needs(1)) context.add(1, to_weights(x, g, options, w.shape()));
}
void image_rule(GradientContext& context) {
  const Attributes options = plain(context.attributes<Attributes>());
  const Tensor g = context.input(0), w = context.input(1), o = context.gradient();
  if (context.needs(0)) context.add(0, forward(o, w, options));
  if (context.needs(1)) context.add(1, to_weights(o, g, options, w.shape()));
}
void weight_rule(GradientContext& context) {
  const Attributes options = plain(context.attributes<Attributes>());
  const Tensor x = context.input(0), g = context.input(1), o = context.gradient();
  if (context.needs(0)) context.add(0, to_images(g, o, options, x.shape()));
  if (context.needs(1)) context.add(1, forward(x, o, options));
}

std::vector<OperationCase> check_cases() {
  const auto with = [](Conv2dOptions options) {
    return [options](std::span<const Tensor> x) { return square(conv2d(x[0], x[1], options)); };
  };
  return {{.name = "plain", .inputs = {{2, 2, 4, 3}, {3, 2, 2, 2}}, .apply = with({})},
          {.name = "one image", .inputs = {{1, 1, 3, 3}, {1, 1, 3, 3}}, .apply = with({})},
          {.name = "stride and padding",
           .inputs = {{1, 2, 5, 4}, {2, 2, 3, 3}},
           .apply = with({.stride = {2, 1}, .padding = {1, 2}})},
          {.name = "dilation",
           .inputs = {{1, 1, 5, 6}, {2, 1, 2, 2}},
           .apply = with({.dilation = {2, 3}})},
          {.name = "groups", .inputs = {{2, 4, 3, 3}, {4, 2, 2, 2}}, .apply = with({.groups = 2})},
          {.name = "no images", .inputs = {{0, 2, 4, 4}, {3, 2, 2, 2}}, .apply = with({})}};
}

}  // namespace

constinit const Operation conv2d_operation{.name = "conv2d",
                                           .form = Form::whole,
                                           .inputs = 2,
                                           .tiling = Tiling::output_rows,
                                           .shape = forward_shape,
                                           .cost = forward_cost,
                                           .kernel_float = forward_kernel<float>,
                                           .kernel_double = forward_kernel<double>,
                                           .gradient = forward_rule,
                                           .cases = check_cases};

constinit const Operation conv2d_image_gradient_operation{
    .name = "conv2d gradient",
    .form = Form::whole,
    .inputs = 2,
    .tiling = Tiling::output_rows,
    .shape =
        [](const ShapeContext& context) {
          const auto& options = context.attributes<Attributes>();
          return Type{{context.shape(0)[0], context.shape(1)[1] * options.groups, options.extent[0],
                       options.extent[1]},
                      context.inputs[0]->dtype};
        },
    .cost = image_cost,
    .kernel_float = image_kernel<float>,
    .kernel_double = image_kernel<double>,
    .gradient = image_rule};

constinit const Operation conv2d_weight_gradient_operation{
    .name = "conv2d weight gradient",
    .form = Form::whole,
    .inputs = 2,
    .tiling = Tiling::output_rows,
    .shape =
        [](const ShapeContext& context) {
          const auto& options = context.attributes<Attributes>();
          return Type{{context.shape(1)[1], context.shape(0)[1] / options.groups, options.extent[0],
                       options.extent[1]},
                      context.inputs[0]->dtype};
        },
    .cost = weight_cost,
    .kernel_float = weight_kernel<float>,
    .kernel_double = weight_kernel<double>,
    .gradient = weight_rule};

Tensor conv2d(const Located& images, const Located& weights, const Conv2dOptions& options) {
  const bool valid = std::ranges::min(options.stride) > 0 &&
                     std::ranges::min(options.padding) >= 0 &&
                     std::ranges::min(options.dilation) > 0 && options.groups > 0;
  if (!valid) {
    throw ValueError(fmt::format(
        "conv2d: stride, dilation and groups must be positive, padding not negative; {}",
        images.tensor.tape().place({&images.tensor, 1}, images.line)));
  }
  return record(conv2d_operation, images, weights,
                Attributes{{options.stride[0], options.stride[1]},
                           {options.padding[0], options.padding[1]},
                           {options.dilation[0], options.dilation[1]},
                           options.groups,
                           {0, 0}});
}

}  // namespace tapegrad
