#include <tapegrad/graph/buffer.h>

#include <algorithm>
#include <new>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {

void Buffer::Free::operator()(std::byte* bytes) const {
  ::operator delete[](bytes, std::align_val_t{alignment});
}

void Buffer::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = ::operator new[](rounded, std::align_val_t{alignment}, std::nothrow);
  if (memory == nullptr) throw MemoryError(fmt::format("there is no memory for {} bytes", bytes));
  data_.reset(static_cast<std::byte*>(memory));
  capacity_ = rounded;
}

void Buffer::reserve(std::size_t bytes) {
  if (bytes <= capacity_) return;
  Buffer larger;
  larger.allocate(std::max(bytes, capacity_ + capacity_ / 2));
  copy_bytes(larger.data(), data(), capacity_);
  *this = std::move(larger);
}

void Buffer::renew(std::size_t bytes) {
  if (bytes <= capacity_) return;
  data_.reset();
  capacity_ = 0;
  allocate(bytes);
}

}  // namespace tapegrad
