#include <tapegrad/apps/training/pair_sources.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/listed_pairs.h>
#include <tapegrad/apps/training/sampled_softmax_source.h>

namespace tapegrad::apps {

SampledPairSource::SampledPairSource(const InteractionModel& model, const UserItems& pairs,
                                     const PairSourceOptions& options)
    : model_(model), pairs_(pairs), options_(options) {
  ListedPairs listed = listed_pairs(pairs);
  pair_users_ = std::move(listed.users);
  pair_items_ = std::move(listed.items);
  pair_weights_ = std::move(listed.weights);
  order_.resize(pair_users_.size());
}

void SampledPairSource::begin_epoch(int epoch) {
  prefetch_.stop();
  random_ = Random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  // From the same order every time, so that an epoch does not depend on those before it.
  std::iota(order_.begin(), order_.end(), 0);
  random_.shuffle(std::span(order_));
  taken_ = 0;
  prefetch_.start([this] { return make(); });
}

// Uniform among the items that the user has not seen; a user who has seen all gets any.
std::int32_t SampledPairSource::unseen_item(std::int32_t user) {
  const Index count = pairs_.item_count();
  if (static_cast<Index>(pairs_.of(user).size()) >= count)
    return static_cast<std::int32_t>(random_.below(count));
  for (;;) {
    const Index item = random_.below(count);
    if (!pairs_.contains(user, item)) return static_cast<std::int32_t>(item);
  }
}

std::optional<SampledPairSource::Batch> SampledPairSource::make() {
  if (taken_ == order_.size()) return std::nullopt;
  Batch batch;
  const Index group = 1 + options_.negatives;
  const auto positives = static_cast<std::size_t>(std::max<Index>(1, options_.batch / group));
  for (const std::size_t end = std::min(order_.size(), taken_ + positives); taken_ < end;
       ++taken_) {
    const auto pair = static_cast<std::size_t>(order_[taken_]);
    for (Index k = 0; k < group; ++k) {
      batch.users.push_back(pair_users_[pair]);
      batch.items.push_back(k == 0 ? pair_items_[pair] : unseen_item(pair_users_[pair]));
      batch.labels.push_back(k == 0 ? 1.0F : 0.0F);
      if (!pair_weights_.empty()) batch.weights.push_back(pair_weights_[pair]);
    }
  }
  return batch;
}

Tensor SampledPairSource::loss(Tape& tape) {
  const Tensor logits = model_.logits(tape, batch_.users, batch_.items);
  const Tensor labels = tape.input(batch_.labels, {samples()});
  if (batch_.weights.empty()) return binary_cross_entropy_with_logits(logits, labels);
  const Tensor each = softplus(logits) - labels * logits;
  return mean(tape.input(batch_.weights, {samples()}) * each);
}

UserSource::UserSource(const InteractionModel& model, const UserItems& pairs,
                       const PairSourceOptions& options)
    : model_(model), pairs_(pairs), options_(options) {
  Tape tape({.threads = 1});
  const std::int32_t first = 0;
  if (!model.all_logits(tape, {&first, 1}))
    throw OptionError(
        "the losses softmax and sigmoid need a model that scores all items at once: mf or "
        "history-mlp");
  for (Index user = 0; user < pairs.user_count(); ++user) {
    if (!pairs.of(user).empty()) order_.push_back(static_cast<std::int32_t>(user));
  }
  // About twenty-five steps an epoch where nothing is said, so that few users do not mean few
  // steps.
  if (options_.batch == 0)
    options_.batch = std::clamp<Index>(static_cast<Index>(order_.size()) / 23, 16, 256);
}

void UserSource::begin_epoch(int epoch) {
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  std::ranges::sort(order_);
  random.shuffle(std::span(order_));
  taken_ = 0;
}

bool UserSource::next() {
  const std::size_t count =
      std::min(static_cast<std::size_t>(options_.batch), order_.size() - taken_);
  batch_ = std::span(order_).subspan(taken_, count);
  taken_ += count;
  return count > 0;
}

Tensor UserSource::loss(Tape& tape) {
  const Index items = pairs_.item_count();
  const Shape shape{samples(), items};
  if (targets_.shape() != shape) targets_ = Array(shape);
  const auto targets = targets_.values<float>();
  std::ranges::fill(targets, 0.0F);
  const bool has_factors = options_.loss == PairLoss::sigmoid && pairs_.has_weights();
  if (has_factors) {
    if (factors_.shape() != shape) factors_ = Array(shape);
    std::ranges::fill(factors_.values<float>(), 1.0F);
  }
  double total = 0.0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const auto own = pairs_.of(batch_[i]);
    const auto weights = pairs_.weights_of(batch_[i]);
    for (std::size_t at = 0; at < own.size(); ++at) {
      const float weight = weights.empty() ? 1.0F : weights[at];
      const std::size_t place =
          i * static_cast<std::size_t>(items) + static_cast<std::size_t>(own[at]);
      targets[place] = weight;
      if (has_factors) factors_.values<float>()[place] = weight;
      total += static_cast<double>(weight);
    }
  }
  const Tensor logits = model_.all_logits(tape, batch_);
  const Tensor wanted = tape.borrow(targets_);
  if (options_.loss == PairLoss::softmax) return sum(log_softmax(logits) * wanted) * (-1.0 / total);
  // w · cross-entropy(x, 1) = w softplus(x) - w x, and softplus(x) where there is no pair.
  Tensor each = softplus(logits);
  if (has_factors) each = each * tape.borrow(factors_);
  return sum(each - logits * wanted) * (1.0 / total);
}

std::unique_ptr<BatchSource> make_pair_source(const InteractionModel& model, const UserItems& pairs,
                                              const PairSourceOptions& options) {
  if (options.loss == PairLoss::softmax || options.loss == PairLoss::sigmoid)
    return std::make_unique<UserSource>(model, pairs, options);
  if (options.loss == PairLoss::sampled_softmax)
    return std::make_unique<SampledSoftmaxSource>(model, pairs, options);
  return std::make_unique<SampledPairSource>(model, pairs, options);
}

}  // namespace tapegrad::apps
