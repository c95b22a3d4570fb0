#include <tapegrad/graph/shape.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {

Shape::Shape(std::span<const Index> extents) {
  if (extents.size() > max_rank) {
    throw ShapeError(
        fmt::format("a shape has at most {} extents, got {}", max_rank, extents.size()));
  }
  rank_ = static_cast<int>(extents.size());
  bool empty = false;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const Index extent = extents[i];
    if (extent < 0)
      throw ShapeError(
          fmt::format("an extent must not be negative, got [{}]", fmt::join(extents, ", ")));
    empty = empty || extent == 0;
    if (__builtin_mul_overflow(size_, std::max<Index>(extent, 1), &size_) || size_ > max_size)
      throw ShapeError(fmt::format("[{}] has too many elements: at most 2^59 can be addressed",
                                   fmt::join(extents, ", ")));
    extents_[i] = extent;
  }
  if (empty) size_ = 0;
}

int Shape::normalised(int axis) const {
  const int counted = axis < 0 ? axis + rank_ : axis;
  if (counted < 0 || counted >= rank_) {
    throw ShapeError(
        fmt::format("axis {} is outside of {}, which has {} axes", axis, to_string(), rank_));
  }
  return counted;
}

Index Shape::product(int first, int last) const {
  Index result = 1;
  for (int i = first; i < last; ++i) result *= extents_[static_cast<std::size_t>(i)];
  return result;
}

Index Shape::rows() const { return rank_ == 0 ? 1 : product(0, rank_ - 1); }

Shape Shape::with(int axis, Index extent) const {
  std::array<Index, max_rank> extents = extents_;
  extents[static_cast<std::size_t>(normalised(axis))] = extent;
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank_)));
}

Shape Shape::without(int axis) const {
  std::array<Index, max_rank> extents{};
  const int removed = normalised(axis);
  std::size_t count = 0;
  for (int i = 0; i < rank_; ++i) {
    if (i != removed) extents[count++] = extents_[static_cast<std::size_t>(i)];
  }
  return Shape(std::span<const Index>(extents.data(), count));
}

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(extents(), other.extents());
}

std::uint64_t Shape::hash() const {
  std::uint64_t hash = 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(rank_);
  for (const Index extent : extents())
    hash = (hash ^ static_cast<std::uint64_t>(extent)) * 0xff51afd7ed558ccdu + (hash >> 29);
  return hash;
}

std::string Shape::to_string() const { return fmt::format("[{}]", fmt::join(extents(), ", ")); }

std::optional<Shape> broadcast(const Shape& left, const Shape& right) {
  const int rank = std::max(left.rank(), right.rank());
  std::array<Index, Shape::max_rank> extents{};
  for (int i = 1; i <= rank; ++i) {
    const Index l = i <= left.rank() ? left[-i] : 1;
    const Index r = i <= right.rank() ? right[-i] : 1;
    if (l != r && l != 1 && r != 1) return std::nullopt;
    extents[static_cast<std::size_t>(rank - i)] = l == 1 ? r : l;
  }
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank)));
}

Broadcast broadcast_kind(const Shape& input, const Shape& output) {
  if (input == output) return Broadcast::full;
  if (input.size() == 1) return output.size() == 1 ? Broadcast::full : Broadcast::scalar;
  if (input.size() == output.size()) return Broadcast::full;
  if (input.rows() == 1 && input.columns() == output.columns()) return Broadcast::row;
  const bool leading = input.rank() == output.rank() && input.rows() == output.rows();
  return leading && input.columns() == 1 ? Broadcast::column : Broadcast::other;
}

}  // namespace tapegrad
