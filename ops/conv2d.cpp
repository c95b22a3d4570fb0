// Convolution of images, and its two gradients. Each of the three is linear in both of its inputs,
// and the gradients of each are the other two, so that all orders close.
//
// An image's patches become the columns of a matrix [channels·kernel, places], whose product with
// the weights is the output as it is stored; a group's channels are a block of rows of it. Small
// images share a matrix, their columns side by side: products of few columns are slow.
#include <algorithm>
#include <cstring>

#include <tapegrad/graph/sums.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index stride[2], padding[2], dilation[2];
  Index groups;
  Index extent[2];  // of the images, or of the kernel, where the inputs do not say it
};

// All extents of one convolution.
struct Layout {
  Index batch, channels, height, width;        // of the images
  Index filters, kernel_height, kernel_width;  // of the weights
  Index out_height, out_width;
  Attributes options;

  Layout(const Shape& images, const Shape& weights, const Attributes& attributes)
      : batch(images[0]),
        channels(images[1]),
        height(images[2]),
        width(images[3]),
        filters(weights[0]),
        kernel_height(weights[2]),
        kernel_width(weights[3]),
        out_height(extent_after(height, kernel_height, 0, attributes)),
        out_width(extent_after(width, kernel_width, 1, attributes)),
        options(attributes) {}

  static Index extent_after(Index extent, Index kernel, int axis, const Attributes& attributes) {
    const Index room =
        extent + 2 * attributes.padding[axis] - attributes.dilation[axis] * (kernel - 1) - 1;
    return room < 0 ? 0 : room / attributes.stride[axis] + 1;
  }
  Index places() const { return out_height * out_width; }
  Index group_channels() const { return channels / options.groups; }
  Index group_filters() const { return filters / options.groups; }
  Index patch() const { return group_channels() * kernel_height * kernel_width; }  // of a group
  Index image() const { return channels * height * width; }
};

// The range of output places whose patch element at `offset` lies inside of the image.
struct Inside {
  Index begin, end;
  Inside(Index places, Index stride, Index offset, Index extent)
      : begin(offset >= 0 ? 0 : (-offset + stride - 1) / stride),
        end(extent - offset <= 0 ? 0 : (extent - offset - 1) / stride + 1) {
    end = std::min(end, places);
    begin = std::min(begin, end);
  }
};

// Lines of a patch, one for each of a group's channels and rows of the kernel: [first, last) of
// those of the group.
struct Lines {
  Index group, first, last;
  Lines(const Layout& layout, Index of_group)
      : group(of_group), first(0), last(layout.group_channels() * layout.kernel_height) {}
  Lines(Index of_group, Index first_line, Index last_line)
      : group(of_group), first(first_line), last(last_line) {}
};

// Which images share a matrix: neighbours, by their numbers in the batch alone, so that no bit
// depends on how the batch is split.
struct SharedColumns {
  Index images, places;  // of one of them
  Index batch;
  explicit SharedColumns(const Layout& layout)
      : images(std::clamp(enough / std::max(Index{1}, layout.places()), Index{1},
                          std::max(Index{1}, layout.batch))),
        places(layout.places()),
        batch(layout.batch) {}

  // Matrices of the whole batch, and images of one of them.
  Index count() const { return (batch + images - 1) / images; }
  Index first(Index matrix) const { return matrix * images; }
  Index images_of(Index matrix) const { return std::min(images, batch - first(matrix)); }
  Index most_columns() const { return images * places; }

 private:
  static constexpr Index enough = 200;  // columns
};

// Rows of `places` numbers of each image in `from` [images, rows, places], which are `pitch` apart
// from image to image, side by side in `to` [rows, images·places]; and back.
template <class T>
void gather_columns(Index images, Index rows, Index places, const T* from, Index pitch, T* to) {
  for (Index i = 0; i < images; ++i) {
    for (Index r = 0; r < rows; ++r)
      std::copy_n(from + i * pitch + r * places, places, to + (r * images + i) * places);
  }
}
template <class T>
void scatter_columns(Index images, Index rows, Index places, const T* from, T* to, Index pitch) {
  for (Index i = 0; i < images; ++i) {
    for (Index r = 0; r < rows; ++r)
      std::copy_n(from + (r * images + i) * places, places, to + i * pitch + r * places);
  }
}

// Calls action(first column element, first place, past the last place, image element of the first)
// for every run of places along the width; the columns begin with the first line's, and are rows of
// `pitch` elements.
template <class Action>
void for_each_run(const Layout& layout, const Lines& lines, Index pitch, const Action& action) {
  const Index out_width = layout.out_width, stride_x = layout.options.stride[1];
  Index at = 0;
  for (Index line = lines.first; line < lines.last; ++line) {
    const Index c = lines.group * layout.group_channels() + line / layout.kernel_height;
    const Index from_y =
        line % layout.kernel_height * layout.options.dilation[0] - layout.options.padding[0];
    for (Index kx = 0; kx < layout.kernel_width; ++kx, at += pitch) {
      const Index from_x = kx * layout.options.dilation[1] - layout.options.padding[1];
      const Inside inside(out_width, stride_x, from_x, layout.width);
      const Index first = inside.begin * stride_x + from_x;
      Index image_y = from_y;
      for (Index y = 0; y < layout.out_height; ++y, image_y += layout.options.stride[0]) {
        const bool valid = image_y >= 0 && image_y < layout.height;
        action(at + y * out_width, valid ? inside.begin : 0, valid ? inside.end : 0,
               (c * layout.height + image_y) * layout.width + first);
      }
    }
  }
}

// Short runs, as rows of images are, are not worth a call: eight at a time, the last eight
// overlapping.
template <class T>
inline void copy_run(const T* __restrict from, T* __restrict to, Index count) {
  if (count < 8) {
    for (Index i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
  for (Index i = 0; i + 8 <= count; i += 8) std::memcpy(to + i, from + i, 8 * sizeof(T));
  std::memcpy(to + count - 8, from + count - 8, 8 * sizeof(T));
}

template <class T>
void unfold(const Layout& layout, const T* image, const Lines& lines, T* columns, Index pitch) {
  const Index stride = layout.options.stride[1];
  for_each_run(layout, lines, pitch, [&](Index at, Index begin, Index end, Index from) {
    T* __restrict to = columns + at;
    for (Index x = 0; x < begin; ++x) to[x] = T{0};
    if (stride == 1)
      copy_run(image + from, to + begin, end - begin);
    else
      for (Index x = begin; x < end; ++x) to[x] = image[from + (x - begin) * stride];
    for (Index x = end; x < layout.out_width; ++x) to[x] = T{0};
  });
}

template <class T, class Sum>
void fold(const Layout& layout, const T* columns, Index pitch, const Lines& lines, Sum* image) {
  const Index stride = layout.options.stride[1];
  for_each_run(layout, lines, pitch, [&](Index at, Index begin, Index end, Index from) {
    const T* __restrict values = columns + at;
    for (Index x = begin; x < end; ++x)
      image[from + (x - begin) * stride] += static_cast<Sum>(values[x]);
  });
}

template <class T>
void forward_kernel(const KernelContext& context) {
  const Layout layout(context.shape(0), context.shape(1), context.attributes<Attributes>());
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

// To the images, from the output's gradient and the weights.
template <class T>
void image_kernel(const KernelContext& context) {
  const Layout layout(context.output_shape(), context.shape(1), context.attributes<Attributes>());
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

// To the weights, from the images and the output's gradient. Images are added in their order, and
// in double. A part of a split takes lines of the patches, for all filters, so that no image is
// unfolded twice.
template <class T>
void weight_kernel(const KernelContext& context) {
  const Layout layout(context.shape(0), context.output_shape(), context.attributes<Attributes>());
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
