#include <tapegrad/apps/models/model_recommender.h>

#include <algorithm>
#include <numeric>

namespace tapegrad::apps {

// A tape from the pool, given back at the end.
class ModelRecommender::BorrowedTape {
 public:
  explicit BorrowedTape(const ModelRecommender& owner) : owner_(owner) {
    {
      const std::lock_guard lock(owner_.mutex_);
      if (!owner_.tapes_.empty()) {
        tape_ = std::move(owner_.tapes_.back());
        owner_.tapes_.pop_back();
      }
    }
    if (!tape_) tape_ = std::make_unique<Tape>(TapeOptions{.threads = 1, .training = false});
    tape_->clear();
  }
  ~BorrowedTape() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.tapes_.push_back(std::move(tape_));
  }
  Tape& operator*() { return *tape_; }

 private:
  const ModelRecommender& owner_;
  std::unique_ptr<Tape> tape_;
};

ModelRecommender::ModelRecommender(const InteractionModel& model, Parameters& parameters, Index items)
    : model_(model), all_items_(static_cast<std::size_t>(items)) {
  std::iota(all_items_.begin(), all_items_.end(), 0);
  parameters.settle();
}

ModelRecommender::~ModelRecommender() = default;

void ModelRecommender::score(std::int32_t user, std::span<const std::int32_t> items, std::span<float> scores) const {
  BorrowedTape tape(*this);
  const std::span<const std::int32_t> wanted = items.empty() ? std::span<const std::int32_t>(all_items_) : items;
  // Pieces of one size, whatever is asked for, so that an item's score does not depend on its company.
  constexpr std::size_t piece = 128;
  std::vector<std::int32_t> users(piece, user);
  std::vector<std::int32_t> some(piece);
  for (std::size_t at = 0; at < wanted.size(); at += piece) {
    const std::size_t count = std::min(piece, wanted.size() - at);
    std::fill(some.begin(), some.end(), wanted[at]);
    std::copy_n(wanted.begin() + static_cast<std::ptrdiff_t>(at), count, some.begin());
    (*tape).clear();
    const Tensor logits = model_.logits(*tape, users, some);
    std::ranges::copy(logits.values<float>().first(count), scores.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace tapegrad::apps
