// Memory for the length of a call.
#pragma once

#include <memory>
#include <span>
#include <type_traits>

#include <tapegrad/graph/buffer.h>
#include <tapegrad/graph/shape.h>

namespace tapegrad {

// A block of bytes that belongs to this object alone. Blocks are lent by the calling thread and go
// back to the thread that destroys the object, so that steady steps allocate nothing. While a
// kernel waits for oneTBB, its thread may begin another kernel: that one is lent another block.
class ScratchBlock {
 public:
  explicit ScratchBlock(std::size_t bytes);
  ~ScratchBlock();
  ScratchBlock(const ScratchBlock&) = delete;
  ScratchBlock& operator=(const ScratchBlock&) = delete;
  std::byte* data() { return block_.data(); }

 private:
  Buffer block_;
};

// `count` values; those of arithmetic types are not initialised.
template <class T>
class Scratch {
  static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= Buffer::alignment);

 public:
  explicit Scratch(Index count)
      : block_(static_cast<std::size_t>(count) * sizeof(T)),
        values_(reinterpret_cast<T*>(block_.data())),
        count_(count) {
    std::uninitialized_default_construct_n(values_, count);
  }
  T* data() { return values_; }
  std::span<T> span() { return {values_, static_cast<std::size_t>(count_)}; }

 private:
  ScratchBlock block_;
  T* values_;
  Index count_;
};

}  // namespace tapegrad
