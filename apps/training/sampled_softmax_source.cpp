#include <tapegrad/apps/training/sampled_softmax_source.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/listed_pairs.h>

namespace tapegrad::apps {

SampledSoftmaxSource::SampledSoftmaxSource(const InteractionModel& model, const UserItems& pairs,
                                           const PairSourceOptions& options)
    : model_(model), options_(options), sampler_(pairs.item_user_counts(), 0.75) {
  Tape tape({.threads = 1});
  const std::int32_t first = 0;
  if (!model.vectors(tape, {&first, 1}, {&first, 1}).users)
    throw OptionError(
        "the sampled softmax needs a model whose scores are products of vectors: mf or "
        "history-mlp");
  ListedPairs listed = listed_pairs(pairs);
  pair_users_ = std::move(listed.users);
  pair_items_ = std::move(listed.items);
  pair_weights_ = std::move(listed.weights);
  order_.resize(pair_users_.size());
}

void SampledSoftmaxSource::begin_epoch(int epoch) {
  prefetch_.stop();
  random_ = Random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  std::iota(order_.begin(), order_.end(), 0);
  random_.shuffle(std::span(order_));
  taken_ = 0;
  prefetch_.start([this] { return make(); });
}

std::optional<SampledSoftmaxSource::Batch> SampledSoftmaxSource::make() {
  if (taken_ == order_.size()) return std::nullopt;
  Batch batch;
  std::unordered_map<std::int32_t, std::int32_t> places;
  std::vector<std::int32_t> targets;
  const std::size_t end =
      std::min(order_.size(), taken_ + static_cast<std::size_t>(options_.batch));
  for (; taken_ < end; ++taken_) {
    const auto pair = static_cast<std::size_t>(order_[taken_]);
    const auto [place, is_new] =
        places.emplace(pair_users_[pair], static_cast<std::int32_t>(batch.users.size()));
    if (is_new) batch.users.push_back(pair_users_[pair]);
    batch.user_of.push_back(place->second);
    targets.push_back(pair_items_[pair]);
    if (!pair_weights_.empty()) batch.weights.push_back(pair_weights_[pair]);
  }
  std::unordered_map<std::int32_t, Index> item_places;
  const auto place_of_item = [&](std::int32_t item) {
    const auto [place, is_new] = item_places.emplace(item, static_cast<Index>(batch.items.size()));
    if (is_new) {
      batch.items.push_back(item);
      batch.log_q.push_back(sampler_.log_q()[static_cast<std::size_t>(item)]);
    }
    return place->second;
  };
  for (const std::int32_t item : targets) batch.targets.push_back(place_of_item(item));
  for (Index i = 0; i < options_.negatives; ++i)
    batch.negatives.push_back(place_of_item(static_cast<std::int32_t>(sampler_.draw(random_))));
  return batch;
}

Tensor SampledSoftmaxSource::loss(Tape& tape) {
  const InteractionModel::Vectors vectors = model_.vectors(tape, batch_.users, batch_.items);
  const Tensor x = gather_rows(vectors.users, tape.ids(batch_.user_of));
  const Tensor weights =
      batch_.weights.empty() ? Tensor() : tape.input(batch_.weights, {samples()});
  return nn::sampled_softmax(x, vectors.items, vectors.biases, batch_.targets, batch_.negatives,
                             batch_.log_q, weights);
}

}  // namespace tapegrad::apps
