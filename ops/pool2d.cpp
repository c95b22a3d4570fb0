// Pooling of images. The largest of a window is an element that is chosen; choosing and its way
// back are linear in what is moved, so each is the gradient of the other. The same for the mean.
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
  return extent < attributes.kernel[axis]
             ? 0
             : (extent - attributes.kernel[axis]) / attributes.stride[axis] + 1;
}

// The windows of some planes, without the bounds checks of shapes in the loops.
struct Windows {
  Index height, width;          // of the images
  Index out_height, out_width;  // windows
  Index kernel[2], stride[2];
  ItemRange planes;

  // Parts of a split are of rows of `split`; a plane is computed by the part that has its first
  // row.
  Windows(const Shape& images, const Shape& output, const Shape& split,
          const KernelContext& context)
      : height(images[2]),
        width(images[3]),
        out_height(output[2]),
        out_width(output[3]),
        planes(context, split[2], split[0] * split[1]) {
    const auto& attributes = context.attributes<Attributes>();
    std::ranges::copy(attributes.kernel, kernel);
    std::ranges::copy(attributes.stride, stride);
  }

  // The same of one plane.
  Windows only(Index plane) const {
    Windows one = *this;
    one.planes.begin = plane;
    one.planes.end = plane + 1;
    return one;
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

// NaN counts as largest; of equals, the first. Without a branch, so that loops vectorise.
template <class T>
bool larger(T value, T best) {
  return static_cast<bool>(static_cast<int>(value > best) | static_cast<int>(value != value));
}

// x where `value` is larger than `best`, else y: choices one after the other, each of which becomes
// a blend.
template <class T>
T if_larger(T value, T best, T x, T y) {
  const T chosen = value > best ? x : y;
  return value != value ? x : chosen;
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

// Calls action(output element, image element) with the largest element of every window of
// `compared`.
template <class T, class Action>
void for_each_largest(const Windows& windows, const T* compared, const Action& action) {
  windows.for_each_row([&](Index to, Index first) {
    for (Index x = 0; x < windows.out_width; ++x) {
      const Index window = first + x * windows.stride[1];
      action(to + x, window + largest(compared + window, windows));
    }
  });
}

// The usual windows, two by two beside each other, a row at a time and without branches, so that
// the loops vectorise: elements of `from` where those of `compared` are largest, each given by the
// images' upper and lower row.
template <class T>
[[gnu::noinline]] void choose_row(Index count, const T* __restrict from,
                                  const T* __restrict from_lower, const T* __restrict compared,
                                  const T* __restrict compared_lower, T* __restrict out) {
  for (Index x = 0; x < count; ++x) {
    const T a = compared[2 * x], b = compared[2 * x + 1], c = compared_lower[2 * x],
            d = compared_lower[2 * x + 1];
    const T from_a = from[2 * x], from_b = from[2 * x + 1], from_c = from_lower[2 * x],
            from_d = from_lower[2 * x + 1];
    const T upper = if_larger(b, a, b, a), lower = if_larger(d, c, d, c);
    out[x] =
        if_larger(lower, upper, if_larger(d, c, from_d, from_c), if_larger(b, a, from_b, from_a));
  }
}

// The way back: each number goes where its window is largest, and zeros elsewhere.
template <class T>
[[gnu::noinline]] void put_back_row(Index count, const T* __restrict from,
                                    const T* __restrict compared,
                                    const T* __restrict compared_lower, T* __restrict out,
                                    T* __restrict out_lower) {
  for (Index x = 0; x < count; ++x) {
    const T a = compared[2 * x], b = compared[2 * x + 1], c = compared_lower[2 * x],
            d = compared_lower[2 * x + 1];
    const T value = from[x], zero = 0;
    const T upper = if_larger(b, a, b, a), lower = if_larger(d, c, d, c);
    const T to_lower = if_larger(lower, upper, value, zero),
            to_upper = if_larger(lower, upper, zero, value);
    out[2 * x] = if_larger(b, a, zero, to_upper);
    out[2 * x + 1] = if_larger(b, a, to_upper, zero);
    out_lower[2 * x] = if_larger(d, c, zero, to_lower);
    out_lower[2 * x + 1] = if_larger(d, c, to_lower, zero);
  }
}

bool two_by_two(const Windows& windows) {
  return windows.kernel[0] == 2 && windows.kernel[1] == 2 && windows.stride[0] == 2 &&
         windows.stride[1] == 2;
}

// Elements of input 0 where the windows of input 1 are largest.
template <class T>
void choose_kernel(const KernelContext& context) {
  const Windows windows(context.shape(1), context.output_shape(), context.output_shape(), context);
  const T* from = context.in<T>(0);
  const T* compared = context.in<T>(1);
  T* out = context.out<T>();
  if (!two_by_two(windows)) {
    for_each_largest(windows, compared, [from, out](Index to, Index at) { out[to] = from[at]; });
    return;
  }
  windows.for_each_row([&](Index to, Index first) {
    const Index lower = first + windows.width;
    choose_row(windows.out_width, from + first, from + lower, compared + first, compared + lower,
               out + to);
  });
}

// Zeros, with input 0 added where the windows of input 1 are largest.
template <class T>
void put_back_kernel(const KernelContext& context) {
  const Windows windows(context.output_shape(), context.shape(0), context.output_shape(), context);
  const Index plane = windows.height * windows.width;
  const T* from = context.in<T>(0);
  const T* compared = context.in<T>(1);
  T* out = context.out<T>();
  std::fill(out + windows.planes.begin * plane, out + windows.planes.end * plane, T{0});
  if (two_by_two(windows)) {
    windows.for_each_row([&](Index at, Index first) {
      const Index lower = first + windows.width;
      put_back_row(windows.out_width, from + at, compared + first, compared + lower, out + first,
                   out + lower);
    });
    return;
  }
  // Windows that overlap may put many numbers at one place: those of a plane are summed in double.
  Scratch<double> memory(plane);
  double* sums = memory.data();
  for (Index p = windows.planes.begin; p < windows.planes.end; ++p) {
    std::fill_n(sums, plane, 0.0);
    for_each_largest(windows.only(p), compared, [&](Index at, Index to) {
      sums[to - p * plane] += static_cast<double>(from[at]);
    });
    for (Index i = 0; i < plane; ++i) out[p * plane + i] = static_cast<T>(sums[i]);
  }
}

template <class T>
void mean_kernel(const KernelContext& context) {
  const Windows windows(context.shape(0), context.output_shape(), context.output_shape(), context);
  const double share = 1.0 / static_cast<double>(windows.kernel[0] * windows.kernel[1]);
  const T* from = context.in<T>(0);
  Scratch<double> memory(windows.out_width);
  double* __restrict sums = memory.data();
  windows.for_each_row([&](Index to, Index first) {
    T* __restrict out = context.out<T>() + to;
    std::fill_n(sums, windows.out_width, 0.0);
    for (Index ky = 0; ky < windows.kernel[0]; ++ky) {
      for (Index kx = 0; kx < windows.kernel[1]; ++kx) {
        const T* values = from + first + ky * windows.width + kx;
        for (Index x = 0; x < windows.out_width; ++x)
          sums[x] += static_cast<double>(values[x * windows.stride[1]]);
      }
    }
    for (Index x = 0; x < windows.out_width; ++x) out[x] = static_cast<T>(sums[x] * share);
  });
}

// Each number over its window, what overlaps added in double.
template <class T>
void spread_kernel(const KernelContext& context) {
  const Windows windows(context.output_shape(), context.shape(0), context.output_shape(), context);
  const Index plane = windows.height * windows.width;
  const double share = 1.0 / static_cast<double>(windows.kernel[0] * windows.kernel[1]);
  Scratch<double> memory(plane);
  double* __restrict sums = memory.data();
  for (Index p = windows.planes.begin; p < windows.planes.end; ++p) {
    std::fill_n(sums, plane, 0.0);
    windows.only(p).for_each_row([&](Index from, Index first) {
      const T* values = context.in<T>(0) + from;
      for (Index ky = 0; ky < windows.kernel[0]; ++ky) {
        for (Index kx = 0; kx < windows.kernel[1]; ++kx) {
          double* to = sums + (first - p * plane) + ky * windows.width + kx;
          for (Index x = 0; x < windows.out_width; ++x)
            to[x * windows.stride[1]] += static_cast<double>(values[x]);
        }
      }
    });
    T* out = context.out<T>() + p * plane;
    for (Index i = 0; i < plane; ++i) out[i] = static_cast<T>(sums[i] * share);
  }
}

Type pooled_shape(const ShapeContext& context) {
  const Shape& images = context.shape(0);
  const auto& attributes = context.attributes<Attributes>();
  if (images.rank() != 4)
    throw ShapeError(
        fmt::format("needs images [batch, channels, height, width], got {}", images.to_string()));
  const Index height = extent_after(images[2], 0, attributes),
              width = extent_after(images[3], 1, attributes);
  if (height == 0 || width == 0) {
    throw ShapeError(fmt::format("the window [{}, {}] is larger than the images {}",
                                 attributes.kernel[0], attributes.kernel[1], images.to_string()));
  }
  return {{images[0], images[1], height, width}, context.inputs[0]->dtype};
}
Type image_shape(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  return {context.shape(0).with(2, attributes.extent[0]).with(3, attributes.extent[1]),
          context.inputs[0]->dtype};
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
  context.add(0,
              record(max_pool2d_gradient_operation, Located(context.gradient()), Located(compared),
                     with_extent(context.attributes<Attributes>(), compared.shape())));
}
void put_back_rule(GradientContext& context) {
  context.add(0, record(max_pool2d_operation, Located(context.gradient()),
                        Located(context.input(1)), plain(context.attributes<Attributes>())));
}
void mean_rule(GradientContext& context) {
  context.add(0, record(avg_pool2d_gradient_operation, Located(context.gradient()),
                        with_extent(context.attributes<Attributes>(), context.input(0).shape())));
}
void spread_rule(GradientContext& context) {
  context.add(0, record(avg_pool2d_operation, Located(context.gradient()),
                        plain(context.attributes<Attributes>())));
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
          {.name = "overlapping",
           .inputs = {{1, 2, 4, 5}},
           .apply = with({.kernel = {2, 3}, .stride = {1, 2}})},
          {.name = "no images", .inputs = {{0, 2, 4, 4}}, .apply = with({})}};
}
std::vector<OperationCase> mean_cases() {
  const auto with = [](Pool2dOptions options) {
    return [options](std::span<const Tensor> x) { return square(avg_pool2d(x[0], options)); };
  };
  return {{.name = "windows", .inputs = {{2, 2, 4, 4}}, .apply = with({})},
          {.name = "overlapping",
           .inputs = {{1, 2, 4, 5}},
           .apply = with({.kernel = {2, 3}, .stride = {1, 2}})},
          {.name = "one image", .inputs = {{1, 1, 3, 3}}, .apply = with({.kernel = {3, 3}})}};
}

}  // namespace

constinit const Operation max_pool2d_operation{.name = "max_pool2d",
                                               .form = Form::whole,
                                               .inputs = 2,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape = pooled_shape,
                                               .kernel_float = choose_kernel<float>,
                                               .kernel_double = choose_kernel<double>,
                                               .gradient = choose_rule,
                                               .cases = max_cases};

constinit const Operation max_pool2d_gradient_operation{.name = "max_pool2d gradient",
                                                        .form = Form::whole,
                                                        .inputs = 2,
                                                        .tiling = Tiling::output_rows,
                                                        .work = 4.0F,
                                                        .shape = image_shape,
                                                        .kernel_float = put_back_kernel<float>,
                                                        .kernel_double = put_back_kernel<double>,
                                                        .gradient = put_back_rule};

constinit const Operation avg_pool2d_operation{.name = "avg_pool2d",
                                               .form = Form::whole,
                                               .inputs = 1,
                                               .tiling = Tiling::output_rows,
                                               .work = 4.0F,
                                               .shape = pooled_shape,
                                               .kernel_float = mean_kernel<float>,
                                               .kernel_double = mean_kernel<double>,
                                               .gradient = mean_rule,
                                               .cases = mean_cases};

constinit const Operation avg_pool2d_gradient_operation{.name = "avg_pool2d gradient",
                                                        .form = Form::whole,
                                                        .inputs = 1,
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
