// An array that owns its numbers: what goes into a tape and what comes out of it.
#pragma once

#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>
#include <utility>

#include <tapegrad/graph/buffer.h>
#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/shape.h>

namespace tapegrad {

// Row-major, 64-byte aligned numbers of a shape and an element type chosen at run time. A value:
// copies are deep, and an array that was moved from is one of shape [0]. Throws MemoryError for
// more numbers than there is memory for.
class Array {
 public:
  // A float scalar 0.
  Array() : Array(Shape{}) {}
  // Zeros.
  explicit Array(const Shape& shape, Dtype dtype = Dtype::float32);
  // A copy of `values`. Throws ShapeError unless their number is the shape's size.
  template <class T>
  static Array from(std::span<const T> values, const Shape& shape) {
    Array array(shape, dtype_of<T>);
    array.check_count(values.size());
    copy_bytes(array.data(), values.data(), values.size_bytes());
    return array;
  }
  template <class T = float>
  static Array from(std::initializer_list<T> values, const Shape& shape) {
    return from(std::span<const T>(values.begin(), values.size()), shape);
  }
  static Array full(const Shape& shape, double value, Dtype dtype = Dtype::float32);

  Array(const Array& other);
  Array& operator=(const Array& other);
  Array(Array&& other) noexcept
      : shape_(std::exchange(other.shape_, Shape{0})),
        dtype_(other.dtype_),
        buffer_(std::move(other.buffer_)) {}
  Array& operator=(Array&& other) noexcept;

  const Shape& shape() const { return shape_; }
  Dtype dtype() const { return dtype_; }
  Index size() const { return shape_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype_); }
  std::byte* data() { return buffer_.data(); }
  const std::byte* data() const { return buffer_.data(); }

  // The numbers. Throws ShapeError for another element type than the array's.
  template <class T>
  std::span<T> values() {
    check_dtype(dtype_of<T>);
    return {reinterpret_cast<T*>(data()), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<const T> values() const {
    check_dtype(dtype_of<T>);
    return {reinterpret_cast<const T*>(data()), static_cast<std::size_t>(size())};
  }

  // Element `i` in row-major order, whatever the type. Throws ValueError outside of the array, and
  // for a number that an array of integers cannot hold.
  double at(Index i) const;
  void set(Index i, double value);

  // The same numbers as another element type, or under another shape of the same size. Throws
  // ValueError for a number that the integers asked for cannot hold.
  Array to(Dtype dtype) const;
  Array reshaped(const Shape& shape) const;

  // Same type, shape and bytes.
  bool operator==(const Array& other) const;
  // Nested brackets as NumPy prints them; long axes are abridged.
  std::string to_string() const;

 private:
  void check_count(std::size_t count) const;
  void check_dtype(Dtype dtype) const;

  Shape shape_;
  Dtype dtype_ = Dtype::float32;
  Buffer buffer_;
};

std::ostream& operator<<(std::ostream& out, const Array& array);

}  // namespace tapegrad
