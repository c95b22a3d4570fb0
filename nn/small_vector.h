// A sequence that needs no memory of its own while it is short.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace tapegrad::nn {

// Up to `room` elements lie in the object itself, so that layers hand states on without allocating.
template <class T, std::size_t room>
class SmallVector {
 public:
  SmallVector() = default;
  SmallVector(const SmallVector&) = default;
  SmallVector& operator=(const SmallVector&) = default;
  // One that was moved from is empty.
  SmallVector(SmallVector&& other) noexcept
      : own_(std::move(other.own_)),
        more_(std::move(other.more_)),
        size_(std::exchange(other.size_, 0)) {
    other.more_.clear();
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (this == &other) return *this;
    own_ = std::move(other.own_);
    more_ = std::move(other.more_);
    size_ = std::exchange(other.size_, 0);
    other.more_.clear();
    return *this;
  }
  explicit SmallVector(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) push_back({});
  }
  SmallVector(std::initializer_list<T> elements) {
    for (const T& element : elements) push_back(element);
  }

  void push_back(const T& element) { emplace_back() = element; }
  T& emplace_back() {
    if (size_ == room) more_.assign(own_.begin(), own_.end());
    ++size_;
    if (size_ <= room) return own_[size_ - 1] = T{};
    return more_.emplace_back();
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return size_ <= room ? own_.data() : more_.data(); }
  T* end() { return begin() + size_; }
  const T* begin() const { return size_ <= room ? own_.data() : more_.data(); }
  const T* end() const { return begin() + size_; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  T& back() { return begin()[size_ - 1]; }
  const T& back() const { return begin()[size_ - 1]; }

 private:
  std::array<T, room> own_{};
  std::vector<T> more_;  // all elements, once there are more than that
  std::size_t size_ = 0;
};

}  // namespace tapegrad::nn
