#include <tapegrad/apps/training/pointwise_trainer.h>

#include <numeric>

namespace tapegrad::apps {

PointwiseTrainer::PointwiseTrainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs,
                                   const TrainingOptions& options)
    : model_(model),
      parameters_(parameters),
      pairs_(pairs),
      options_(options),
      adam_({.learning_rate = options.learning_rate, .weight_decay = options.weight_decay, .threads = options.threads}),
      tape_({.threads = options.threads, .seed = options.seed}) {
  for (Index user = 0; user < pairs.user_count(); ++user) {
    for (const std::int32_t item : pairs.of(user)) {
      pair_users_.push_back(static_cast<std::int32_t>(user));
      pair_items_.push_back(item);
    }
  }
  order_.resize(pair_users_.size());
}

// Uniform among the items that the user has not seen; a user who has seen all gets any.
std::int32_t PointwiseTrainer::unseen_item(std::int32_t user, Random& random) const {
  const Index count = pairs_.item_count();
  if (static_cast<Index>(pairs_.of(user).size()) >= count) return static_cast<std::int32_t>(random.below(count));
  for (;;) {
    const Index item = random.below(count);
    if (!pairs_.contains(user, item)) return static_cast<std::int32_t>(item);
  }
}

double PointwiseTrainer::step() {
  tape_.clear();
  const Tensor logits = model_.logits(tape_, users_, items_);
  const Tensor loss = binary_cross_entropy_with_logits(logits, tape_.input(labels_, {static_cast<Index>(labels_.size())}));
  adam_.update(parameters_, backward(loss));
  return loss.item();
}

double PointwiseTrainer::run(int epoch, int epochs, const ProgressReport& report) {
  adam_.set_learning_rate(scheduled_rate(options_, epoch, epochs));
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  // From the same order every time, so that an epoch does not depend on those before it.
  std::iota(order_.begin(), order_.end(), 0);
  random.shuffle(std::span(order_));
  const Index group = 1 + options_.negatives;
  const auto positives = static_cast<std::size_t>(std::max<Index>(1, options_.batch / group));
  const Index all = static_cast<Index>(order_.size()) * group;
  double total = 0.0;
  Index done = 0;
  for (std::size_t at = 0; at < order_.size(); at += positives) {
    users_.clear();
    items_.clear();
    labels_.clear();
    for (std::size_t i = at; i < std::min(order_.size(), at + positives); ++i) {
      const auto pair = static_cast<std::size_t>(order_[i]);
      for (Index k = 0; k < group; ++k) {
        users_.push_back(pair_users_[pair]);
        items_.push_back(k == 0 ? pair_items_[pair] : unseen_item(pair_users_[pair], random));
        labels_.push_back(k == 0 ? 1.0F : 0.0F);
      }
    }
    const auto count = static_cast<Index>(users_.size());
    total += step() * static_cast<double>(count);
    done += count;
    report(done, all, total / static_cast<double>(done));
  }
  return total / static_cast<double>(std::max<Index>(1, done));
}

}  // namespace tapegrad::apps
