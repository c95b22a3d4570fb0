#include <tapegrad/graph/array.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

// Calls `body` with a null pointer of the element type.
template <class Body>
decltype(auto) with_type(Dtype dtype, Body&& body) {
  switch (dtype) {
    case Dtype::float32:
      return body(static_cast<float*>(nullptr));
    case Dtype::float64:
      return body(static_cast<double*>(nullptr));
    case Dtype::int32:
      return body(static_cast<std::int32_t*>(nullptr));
    case Dtype::int64:
      break;
  }
  return body(static_cast<std::int64_t*>(nullptr));
}

// The number as another type, integers cut off towards 0 as a cast does.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_integral_v<To> && !std::is_same_v<To, From>) {
    bool fits = false;
    if constexpr (std::is_integral_v<From>) {
      fits = std::in_range<To>(value);
    } else {
      // The bounds are powers of two, and exact.
      const double bound = std::ldexp(1.0, std::numeric_limits<To>::digits);
      fits = static_cast<double>(value) > -bound - 1.0 && static_cast<double>(value) < bound;
      fits = fits || static_cast<double>(value) == -bound;
    }
    if (!fits)
      throw ValueError(
          fmt::format("{} is not a number that {} can hold", value, name_of(dtype_of<To>)));
  }
  return static_cast<To>(value);
}

void print_axis(const Array& array, int axis, Index offset, std::string& out) {
  const Shape& shape = array.shape();
  if (axis == shape.rank()) {
    out += is_floating(array.dtype()) ? fmt::format("{:.6g}", array.at(offset))
                                      : fmt::format("{:.0f}", array.at(offset));
    return;
  }
  constexpr Index shown = 3;
  const Index extent = shape[axis];
  const Index stride = shape.product(axis + 1, shape.rank());
  const bool last = axis + 1 == shape.rank();
  const std::string separator =
      last ? ", " : ",\n" + std::string(static_cast<std::size_t>(axis) + 1, ' ');
  out += '[';
  for (Index i = 0; i < extent; ++i) {
    if (i > 0) out += separator;
    if (extent > 4 * shown && i == shown) {
      out += "..." + separator;
      i = extent - shown;
    }
    print_axis(array, axis + 1, offset + i * stride, out);
  }
  out += ']';
}

}  // namespace

Array::Array(const Shape& shape, Dtype dtype)
    : shape_(shape), dtype_(dtype), buffer_(std::max<std::size_t>(bytes(), 1)) {
  std::memset(buffer_.data(), 0, bytes());
}

Array& Array::operator=(Array&& other) noexcept {
  if (this == &other) return *this;
  shape_ = std::exchange(other.shape_, Shape{0});
  dtype_ = other.dtype_;
  buffer_ = std::move(other.buffer_);
  return *this;
}

Array::Array(const Array& other)
    : shape_(other.shape_), dtype_(other.dtype_), buffer_(std::max<std::size_t>(other.bytes(), 1)) {
  copy_bytes(buffer_.data(), other.buffer_.data(), other.bytes());
}

Array& Array::operator=(const Array& other) {
  if (this != &other) *this = Array(other);
  return *this;
}

Array Array::full(const Shape& shape, double value, Dtype dtype) {
  Array array(shape, dtype);
  for (Index i = 0; i < array.size(); ++i) array.set(i, value);
  return array;
}

void Array::check_count(std::size_t count) const {
  if (count != static_cast<std::size_t>(size())) {
    throw ShapeError(fmt::format("an array of shape {} takes {} values, got {}", shape_.to_string(),
                                 size(), count));
  }
}

void Array::check_dtype(Dtype dtype) const {
  if (dtype != dtype_)
    throw ShapeError(
        fmt::format("the array holds {}, asked for {}", name_of(dtype_), name_of(dtype)));
}

double Array::at(Index i) const {
  if (i < 0 || i >= size())
    throw ValueError(fmt::format("element {} is outside of an array of {}", i, size()));
  return with_type(dtype_, [&]<class T>(T*) {
    return static_cast<double>(reinterpret_cast<const T*>(data())[i]);
  });
}

void Array::set(Index i, double value) {
  if (i < 0 || i >= size())
    throw ValueError(fmt::format("element {} is outside of an array of {}", i, size()));
  with_type(dtype_, [&]<class T>(T*) { reinterpret_cast<T*>(data())[i] = converted<T>(value); });
}

Array Array::to(Dtype dtype) const {
  if (dtype == dtype_) return *this;
  Array result(shape_, dtype);
  with_type(dtype_, [&]<class From>(From*) {
    with_type(dtype, [&]<class To>(To*) {
      const auto* from = reinterpret_cast<const From*>(data());
      auto* to = reinterpret_cast<To*>(result.data());
      for (Index i = 0; i < size(); ++i) to[i] = converted<To>(from[i]);
    });
  });
  return result;
}

Array Array::reshaped(const Shape& shape) const {
  if (shape.size() != size()) {
    throw ShapeError(fmt::format("an array of shape {} cannot take shape {}", shape_.to_string(),
                                 shape.to_string()));
  }
  Array result(*this);
  result.shape_ = shape;
  return result;
}

bool Array::operator==(const Array& other) const {
  return dtype_ == other.dtype_ && shape_ == other.shape_ &&
         (bytes() == 0 || std::memcmp(data(), other.data(), bytes()) == 0);
}

std::string Array::to_string() const {
  std::string out;
  print_axis(*this, 0, 0, out);
  return out;
}

std::ostream& operator<<(std::ostream& out, const Array& array) { return out << array.to_string(); }

}  // namespace tapegrad
