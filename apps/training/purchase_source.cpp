#include <tapegrad/apps/training/purchase_source.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

PurchaseSource::PurchaseSource(const PurchaseModel& model, const PurchaseSessions& sessions,
                               Index batch, std::uint64_t seed)
    : model_(model), sessions_(sessions), batch_size_(batch), seed_(seed) {}

void PurchaseSource::begin_epoch(int epoch) {
  Random random(seed_, 1 + static_cast<std::uint64_t>(epoch));
  order_.resize(static_cast<std::size_t>(sessions_.sessions.count()));
  std::iota(order_.begin(), order_.end(), Index{0});
  random.shuffle(std::span(order_));
  // So many batches are sorted by length together: few enough that those of an epoch remain mixed.
  constexpr std::size_t batches_in_pool = 32;
  const auto batch = static_cast<std::size_t>(batch_size_);
  batches_.clear();
  for (std::size_t first = 0; first < order_.size(); first += batch * batches_in_pool) {
    const std::size_t count = std::min(batch * batches_in_pool, order_.size() - first);
    std::ranges::stable_sort(std::span(order_).subspan(first, count), {},
                             [&](Index s) { return sessions_.sessions.of(s).size(); });
  }
  for (std::size_t first = 0; first < order_.size(); first += batch) batches_.push_back(first);
  random.shuffle(std::span(batches_));
  taken_ = 0;
}

bool PurchaseSource::next() {
  if (taken_ == batches_.size()) return false;
  const std::size_t first = batches_[taken_++];
  const std::size_t count = std::min(static_cast<std::size_t>(batch_size_), order_.size() - first);
  const auto own = std::span(order_).subspan(first, count);
  batch_.assign(own.begin(), own.end());
  return true;
}

Tensor PurchaseSource::loss(Tape& tape) {
  std::vector<History> histories;
  std::vector<float> bought;
  for (const Index s : batch_) {
    histories.push_back(sessions_.sessions.of(s));
    bought.push_back(sessions_.bought[static_cast<std::size_t>(s)] ? 1.0F : 0.0F);
  }
  return binary_cross_entropy_with_logits(model_.logits(tape, histories),
                                          tape.input(bought, {samples()}));
}

}  // namespace tapegrad::apps
