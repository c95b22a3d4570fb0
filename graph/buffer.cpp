#include <tapegrad/graph/buffer.h>

#include <algorithm>
#include <new>

namespace tapegrad {

void Buffer::Free::operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{alignment}); }

void Buffer::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<std::byte*>(::operator new[](rounded, std::align_val_t{alignment})));
  capacity_ = rounded;
}

void Buffer::reserve(std::size_t bytes) {
  if (bytes <= capacity_) return;
  Buffer old = std::move(*this);
  allocate(std::max(bytes, old.capacity_ + old.capacity_ / 2));
  copy_bytes(data(), old.data(), old.capacity_);
}

void Buffer::renew(std::size_t bytes) {
  if (bytes <= capacity_) return;
  data_.reset();
  capacity_ = 0;
  allocate(bytes);
}

}  // namespace tapegrad
