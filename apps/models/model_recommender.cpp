#include <tapegrad/apps/models/model_recommender.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

ModelRecommender::ModelRecommender(const InteractionModel& model, Index items)
    : model_(model), all_items_(static_cast<std::size_t>(items)) {
  std::iota(all_items_.begin(), all_items_.end(), 0);
}

void ModelRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                             std::span<float> scores) const {
  TapePool::Borrowed tape(tapes_);
  const std::span<const std::int32_t> wanted =
      items.empty() ? std::span<const std::int32_t>(all_items_) : items;
  // Pieces of one size, whatever is asked for, so that an item's score does not depend on its
  // company.
  constexpr std::size_t piece = 128;
  std::vector<std::int32_t> users(piece, user);
  std::vector<std::int32_t> some(piece);
  for (std::size_t at = 0; at < wanted.size(); at += piece) {
    const std::size_t count = std::min(piece, wanted.size() - at);
    std::fill(some.begin(), some.end(), wanted[at]);
    std::copy_n(wanted.begin() + static_cast<std::ptrdiff_t>(at), count, some.begin());
    (*tape).clear();
    const Tensor logits = model_.logits(*tape, users, some);
    std::ranges::copy(logits.values<float>().first(count),
                      scores.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace tapegrad::apps
