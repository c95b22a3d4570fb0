// Images as matrices, for convolutions. An image's patches become the columns of a matrix
// [channels·kernel, places], whose product with the weights is the output as it is stored; a
// group's channels are a block of rows of it. Small images share a matrix, their columns side by
// side: products of few columns are slow.
#pragma once

#include <algorithm>
#include <cstring>

#include <tapegrad/graph/shape.h>

namespace tapegrad::image_columns {

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

}  // namespace tapegrad::image_columns
