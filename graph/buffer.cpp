#include <tapegrad/graph/buffer.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace tapegrad {

void Buffer::Free::operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{alignment}); }

void Buffer::reserve(std::size_t bytes) {
  if (bytes <= capacity_) return;
  const std::size_t grown = std::max(bytes, capacity_ + capacity_ / 2);
  const std::size_t rounded = (grown + alignment - 1) / alignment * alignment;
  auto* fresh = static_cast<std::byte*>(::operator new[](rounded, std::align_val_t{alignment}));
  if (capacity_ > 0) std::memcpy(fresh, data_.get(), capacity_);
  data_.reset(fresh);
  capacity_ = rounded;
}

}  // namespace tapegrad
