// Pooling of images. The largest of a window is an element that is chosen; choosing and its way back are linear in what is moved,
// so each is the gradient of the other. The same for the mean.
#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index kernel[2], stride[2];
  Index extent[2];  // of the images, where the inputs do not say it
};

Index extent_after(Index extent, int axis, const Attributes& attributes) {
  return extent < attributes.kernel[axis] ? 0 : (extent - attributes.kernel[axis]) / attributes.stride[axis] + 1;
}

// The windows of some planes, without the bounds checks of shapes in the loops.
struct Windows {
  Index height, width;          // of the images
  Index out_height, out_width;  // windows
  Index kernel[2], stride[2];
  ItemRange planes;

  // Parts of a split are of rows of `split`; a plane is computed by the part that has its first row.
  Windows(const Shape& images, const Shape& output, const Shape& split, const KernelContext& context)
      : height(images[2]),
        width(images[3]),
        out_height(output[2]),
        out_width(output[3]),
        planes(context, split[2], split[0] * split[1]) {
    const auto& attributes = context.attributes<Attributes>();
    std::ranges::copy(attributes.kernel, kernel);
    std::ranges::copy(attributes.stride, stride);
  }

  // Calls action(output row, first image element of its first window) for all rows.
  template <class Action>
  void for_each_row(const Action& action) const {
    for (Index plane = planes.begin; plane < planes.end; ++plane) {
      for (Index y = 0; y < out_height; ++y)
        action((plane * out_height + y) * out_width, (plane * height + y * stride[0]) * width);
    }
  }
};

// NaN counts as largest; of equals, the first. Without a branch, which would often be guessed wrong.
template <class T>
bool larger(T value, T best) {
  return static_cast<int>(value > best) | static_cast<int>(value != value);
}

// The place of the largest element in a window, from its first.
template <class T>
Index largest(const T* window, const Windows& windows) {
  Index best = 0;
  for (Index ky = 0; ky < windows.kernel[0]; ++ky) {
    for (Index kx = 0; kx < windows.kernel[1]; ++kx) {
      const Index at = ky * windows.width + kx;
      if (larger(window[at], window[best])) best = at;
    }
  }
  return best;
}

// The usual window of two by two, without branches.
template <class T>
Index largest_of_four(const T* window, Index width) {
  const Index upper = larger(window[1], window[0]);
  const Index lower = width + larger(window[width + 1], window[width]);
  return upper + (lower - upper) * static_cast<Index>(larger(window[lower], window[upper]));
}

// Calls action(output element, image element) with the largest element of every window of `compared`.
template <class T, class Action>
void for_each_largest(const Windows& windows, const T* compared, const Action& action) {
  const bool two_by_two = windows.kernel[0] == 2 && windows.kernel[1] == 2;
  windows.for_each_row([&](Index to, Index first) {
    for (Index x = 0; x < windows.out_width; ++x) {
      const Index window = first + x * windows.stride[1];
      const T* values = compared + window;
      action(to + x, window + (two_by_two ? largest_of_four(values, windows.width) : largest(values, windows)));
    }
  });
}

// Elements of input 0 where the windows of input 1 are largest.
template <class T>
void choose_kernel(const KernelContext& context) {
  const Windows windows(context.shape(1), context.output_shape(), context.output_shape(), context);
  const T* from = context.in<T>(0);
  T* out = context.out<T>();
  for_each_largest(windows, context.in<T>(1), [from, out](Index to, Index at) { out[to] = from[at]; });
}

// Zeros, with input 0 added where the windows of input 1 are largest.
template <class T>
void put_back_kernel(const KernelContext& context) {
  const Windows windows(context.output_shape(), context.shape(0), context.output_shape(), context);
  const Index plane = windows.height * windows.width;
  const T* from = context.in<T>(0);
  T* out = context.out<T>();
  std::fill(out + windows.planes.begin * plane, out + windows.planes.end * plane, T{0});
  for_each_largest(windows, context.in<T>(1), [from, out](Index at, Index to) { out[to] += from[at]; });
}

template <class T>
void mean_kernel(const KernelContext& context) {
  const Windows windows(context.shape(0), context.output_shape(), context.output_shape(), context);
  const T share = T{1} / static_cast<T>(windows.kernel[0] * windows.kernel[1]);
  const T* from = context.in<T>(0);
  windows.for_each_row([&](Index to, Index first) {
    T* __restrict out = context.out<T>() + to;
    std::fill_n(out, windows.out_width, T{0});
    for (Index ky = 0; ky < windows.kernel[0]; ++ky) {
      for (Index kx = 0; kx < windows.kernel[1]; ++kx) {
        const T* values = from + first + ky * windows.width + kx;
        for (Index x = 0; x < windows.out_width; ++x) out[x] += values[x * windows.stride[1]];
      }
    }
    for (Index x = 0; x < windows.out_width; ++x) out[x] *= share;
  });
}

template <class T>
void spread_kernel(const KernelContext& context) {
  const Windows windows(context.output_shape(), context.shape(0), context.output_shape(), context);
  const Index plane = windows.height * windows.width;
  const T share = T{1} / static_cast<T>(windows.kernel[0] * windows.kernel[1]);
  T* out = context.out<T>();
  std::fill(out + windows.planes.begin * plane, out + windows.planes.end * plane, T{0});
  windows.for_each_row([&](Index from, Index first) {
    const T* __restrict values = context.in<T>(0) + from;
    for (Index ky = 0; ky < windows.kernel[0]; ++ky) {
      for (Index kx = 0; kx < windows.kernel[1]; ++kx) {
        T* to = out + first + ky * windows.width + kx;
        for (Index x = 0; x < windows.out_width; ++x) to[x * windows.stride[1]] += values[x] * share;
      }
    }
  });
}

Type pooled_shape(const ShapeContext& context) {
  const Shape& images = context.shape(0);
  const auto& attributes = context.attributes<Attributes>();
  if (images.rank() != 4)
    throw ShapeError(fmt::format("needs images [batch, channels, height, width], got {}", images.to_string()));
  const Index height = extent_after(images[2], 0, attributes), width = extent_after(images[3], 1, attributes);
  if (height == 0 || width == 0) {
    throw ShapeError(fmt::format("the window [{}, {}] is larger than the images {}", attributes.kernel[0], attributes.kernel[1],
                                 images.to_string()));
  }
  return {{images[0], images[1], height, width}, context.inputs[0]->dtype};
}
Type image_shape(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  return {context.shape(0).with(2, attributes.extent[0]).with(3, attributes.extent[1]), context.inputs[0]->dtype};
}

Attributes with_extent(Attributes attributes, const Shape& images) {
  attributes.extent[0] = images[2];
  attributes.extent[1] = images[3];
  return attributes;
}
Attributes plain(Attributes attributes) {
  attributes.extent[0] = attributes.extent[1] = 0;
  return attributes;
}

// What is largest does not change with a small step, so no gradient goes to what was compared.
void choose_rule(GradientContext& context) {
  const Tensor compared = context.input(1);
  context.add(0, record(max_pool2d_gradient_operation, Located(context.gradient()), Located(compared),
                        with_extent(context.attributes<Attributes>(), compared.shape())));
}
void put_back_rule(GradientContext& context) {
  context.add(0, record(max_pool2d_operation, Located(context.gradient()), Located(context.input(1)),
                        plain(context.attributes<Attributes>())));
}
void mean_rule(GradientContext& context) {
  context.add(0, record(avg_pool2d_gradient_operation, Located(context.gradient()),
                        with_extent(context.attributes<Attributes>(), context.input(0).shape())));
}
void spread_rule(GradientContext& context) {
  context.add(0, record(avg_pool2d_operation, Located(context.gradient()), plain(context.attributes<Attributes>())));
}

Attributes attributes_of(const char* name, const Located& images, const Pool2dOptions& options) {
  const Index stride[] = {options.stride[0] == 0 ? options.kernel[0] : options.stride[0],
                          options.stride[1] == 0 ? options.kernel[1] : options.stride[1]};
  if (options.kernel[0] < 1 || options.kernel[1] < 1 || stride[0] < 1 || stride[1] < 1) {
    throw ValueError(fmt::format("{}: window and stride must be positive; {}", name,
                                 images.tensor.tape().place({&images.tensor, 1}, images.line)));
  }
  return {{options.kernel[0], options.kernel[1]}, {stride[0], stride[1]}, {0, 0}};
}

std::vector<OperationCase> max_cases() {
  const auto with = [](Pool2dOptions options) {
    return [options](std::span<const Tensor> x) { return square(max_pool2d(x[0], options)); };
  };
  return {{.name = "windows", .inputs = {{2, 2, 4, 4}}, .apply = with({})},
          {.name = "what is left over", .inputs = {{1, 1, 5, 3}}, .apply = with({})},
          {.name = "overlapping", .inputs = {{1, 2, 4, 5}}, .apply = with({.kernel = {2, 3}, .stride = {1, 2}})},
          {.name = "no images", .inputs = {{0, 2, 4, 4}}, .apply = with({})}};
}
std::vector<OperationCase> mean_cases() {
  const auto with = [](Pool2dOptions options) {
    return [options](std::span<const Tensor> x) { return square(avg_pool2d(x[0], options)); };
  };
  return {{.name = "windows", .inputs = {{2, 2, 4, 4}}, .apply = with({})},
          {.name = "overlapping", .inputs = {{1, 2, 4, 5}}, .apply = with({.kernel = {2, 3}, .stride = {1, 2}})},
          {.name = "one image", .inputs = {{1, 1, 3, 3}}, .apply = with({.kernel = {3, 3}})}};
}

}  // namespace

constinit const Operation max_pool2d_operation{.name = "max_pool2d",
                                               .form = Form::whole,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape = pooled_shape,
                                               .kernel_float = choose_kernel<float>,
                                               .kernel_double = choose_kernel<double>,
                                               .gradient = choose_rule,
                                               .cases = max_cases};

constinit const Operation max_pool2d_gradient_operation{.name = "max_pool2d gradient",
                                                        .form = Form::whole,
                                                        .tiling = Tiling::output_rows,
                                                        .work = 4.0F,
                                                        .shape = image_shape,
                                                        .kernel_float = put_back_kernel<float>,
                                                        .kernel_double = put_back_kernel<double>,
                                                        .gradient = put_back_rule};

constinit const Operation avg_pool2d_operation{.name = "avg_pool2d",
                                               .form = Form::whole,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape = pooled_shape,
                                               .kernel_float = mean_kernel<float>,
                                               .kernel_double = mean_kernel<double>,
                                               .gradient = mean_rule,
                                               .cases = mean_cases};

constinit const Operation avg_pool2d_gradient_operation{.name = "avg_pool2d gradient",
                                                        .form = Form::whole,
                                                        .tiling = Tiling::output_rows,
                                                        .work = 4.0F,
                                                        .shape = image_shape,
                                                        .kernel_float = spread_kernel<float>,
                                                        .kernel_double = spread_kernel<double>,
                                                        .gradient = spread_rule};

Tensor max_pool2d(const Located& images, const Pool2dOptions& options) {
  return record(max_pool2d_operation, images, images, attributes_of("max_pool2d", images, options));
}
Tensor avg_pool2d(const Located& images, const Pool2dOptions& options) {
  return record(avg_pool2d_operation, images, attributes_of("avg_pool2d", images, options));
}

}  // namespace tapegrad
