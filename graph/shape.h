// The extents of an array or tensor, with NumPy's broadcasting.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include <tapegrad/graph/dtype.h>

namespace tapegrad {

// Up to eight extents, outermost first; no extents make a scalar, an extent of 0 an empty tensor.
// Data are row-major, so a tensor is also a matrix of rows() by columns().
class Shape {
 public:
  static constexpr int max_rank = 8;
  // Elements, so that their bytes can be counted in 64 bits whatever their type: every size is
  // checked here, and nowhere else.
  static constexpr Index max_size = Index{1} << 59;

  Shape() = default;
  Shape(std::initializer_list<Index> extents)
      : Shape(std::span<const Index>(extents.begin(), extents.size())) {}
  // Throws ShapeError for a negative extent, more than eight extents, or more than max_size
  // elements; an extent of 0 does not excuse the others.
  explicit Shape(std::span<const Index> extents);

  int rank() const { return rank_; }
  // Number of elements; 1 for a scalar.
  Index size() const { return size_; }
  // The extent of `axis`, which may count from the end: -1 is the last. Throws ShapeError outside
  // of the rank.
  Index operator[](int axis) const { return extents_[static_cast<std::size_t>(normalised(axis))]; }
  // `axis` counted from the front. Throws ShapeError outside of the rank.
  int normalised(int axis) const;
  std::span<const Index> extents() const {
    return {extents_.data(), static_cast<std::size_t>(rank_)};
  }

  // The last extent; 1 for a scalar.
  Index columns() const { return rank_ == 0 ? 1 : extents_[static_cast<std::size_t>(rank_) - 1]; }
  // The product of the others.
  Index rows() const;
  // The product of the extents of axes [first, last).
  Index product(int first, int last) const;

  Shape with(int axis, Index extent) const;
  Shape without(int axis) const;

  bool operator==(const Shape& other) const;
  std::uint64_t hash() const;
  // "[2, 3]"; "[]" for a scalar.
  std::string to_string() const;

 private:
  std::array<Index, max_rank> extents_{};
  Index size_ = 1;
  int rank_ = 0;
};

// The shape that both broadcast to, or nothing: extents are aligned from the last, equal ones or 1
// meet.
std::optional<Shape> broadcast(const Shape& left, const Shape& right);

// How a broadcast input lies beside the output's matrix of rows and columns; `other` needs a copy
// of the output's shape.
enum class Broadcast : std::uint8_t { full, row, column, scalar, other };
Broadcast broadcast_kind(const Shape& input, const Shape& output);

}  // namespace tapegrad
