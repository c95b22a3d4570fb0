#include <tapegrad/apps/training/length_batches.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

void LengthBatches::begin(Random& random) {
  order_.resize(lengths_.size());
  std::iota(order_.begin(), order_.end(), Index{0});
  random.shuffle(std::span(order_));
  // So many batches are sorted together: few enough that those of an epoch remain mixed.
  constexpr std::size_t batches_in_pool = 32;
  begins_.clear();
  for (std::size_t first = 0; first < order_.size(); first += batch_ * batches_in_pool) {
    const std::size_t count = std::min(batch_ * batches_in_pool, order_.size() - first);
    std::ranges::stable_sort(std::span(order_).subspan(first, count), {}, [&](Index example) {
      return lengths_[static_cast<std::size_t>(example)];
    });
  }
  for (std::size_t first = 0; first < order_.size(); first += batch_) begins_.push_back(first);
  random.shuffle(std::span(begins_));
  taken_ = 0;
}

bool LengthBatches::next() {
  if (taken_ == begins_.size()) return false;
  ++taken_;
  return true;
}

std::span<const Index> LengthBatches::batch() const {
  const std::size_t first = begins_[taken_ - 1];
  return std::span(order_).subspan(first, std::min(batch_, order_.size() - first));
}

}  // namespace tapegrad::apps
