// Memory for arrays and plans.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

namespace tapegrad {

// A 64-byte aligned block of bytes that grows and never shrinks. Moving it leaves the bytes where
// they are, and the source empty. Throws MemoryError for more bytes than the system gives.
class Buffer {
 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t bytes) { reserve(bytes); }
  Buffer(Buffer&& other) noexcept
      : data_(std::move(other.data_)), capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  // Makes room for `bytes`; what it held is kept, at a new address if it grew.
  void reserve(std::size_t bytes);
  // Makes room for `bytes` and forgets what it held: old and new are never there at once.
  void renew(std::size_t bytes);
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }

 private:
  void allocate(std::size_t bytes);
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t capacity_ = 0;
};

// Copies bytes that do not overlap. Unlike memcpy it takes null for no bytes, which is what empty
// spans have.
inline void copy_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

}  // namespace tapegrad
