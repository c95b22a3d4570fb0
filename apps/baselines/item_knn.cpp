#include <tapegrad/apps/baselines/item_knn.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/parallel.h>
#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {
namespace {

void check(const ItemKnnOptions& options) {
  if (options.neighbours < 1)
    throw OptionError(
        fmt::format("item-knn: expected at least 1 neighbour, got {}", options.neighbours));
  if (!(options.shrinkage >= 0.0) || !std::isfinite(options.shrinkage))
    throw OptionError(
        fmt::format("item-knn: expected a shrinkage of 0 or more, got {}", options.shrinkage));
  if (options.threads < 1)
    throw OptionError(fmt::format("item-knn: expected at least 1 thread, got {}", options.threads));
}

// The pairs by user, with the weights that similarities are made of.
struct Weighed {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> items;
  std::vector<float> weights;
  std::vector<double> norms;  // of each item
  std::vector<Index> counts;  // users of each item
};

Weighed weighed(const UserItems& pairs, KnnWeighting weighting) {
  constexpr double k1 = 1.2, b = 0.75;
  const std::vector<double> lengths = pairs.item_weights();
  const double mean_length = std::accumulate(lengths.begin(), lengths.end(), 0.0) /
                             static_cast<double>(std::max<std::size_t>(1, lengths.size()));
  Weighed result;
  result.norms.assign(lengths.size(), 0.0);
  result.counts = pairs.item_user_counts();
  for (Index user = 0; user < pairs.user_count(); ++user) {
    const auto items = pairs.of(user);
    const auto own = pairs.weights_of(user);
    const double idf = std::log(static_cast<double>(pairs.item_count())) -
                       std::log1p(static_cast<double>(items.size()));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto item = static_cast<std::size_t>(items[i]);
      double weight = own.empty() ? 1.0 : static_cast<double>(own[i]);
      if (weighting == KnnWeighting::bm25)
        weight = std::max(0.0, idf) * weight * (k1 + 1.0) /
                 (weight + k1 * (1.0 - b + b * lengths[item] / mean_length));
      result.items.push_back(items[i]);
      result.weights.push_back(static_cast<float>(weight));
      result.norms[item] += weight * weight;
    }
    result.offsets.push_back(static_cast<Index>(result.items.size()));
  }
  for (double& norm : result.norms) norm = std::sqrt(norm);
  return result;
}

// The neighbours of one item after another; its sums are kept between them.
class Finder {
 public:
  Finder(const Weighed& by_user, const UserItems& users_of, const ItemKnnOptions& options)
      : by_user_(by_user),
        users_of_(users_of),
        options_(options),
        products_(by_user.norms.size(), 0.0) {}

  struct Found {
    std::int32_t item = 0;
    float similarity = 0.0F;
  };
  std::vector<Found> find(Index item) {
    add_products(item);
    std::vector<Found> found;
    for (const std::int32_t other : touched_) {
      double& product = products_[static_cast<std::size_t>(other)];
      if (product > 0.0)
        found.push_back({other, static_cast<float>(product / divisor(item, other))});
      product = 0.0;
    }
    touched_.clear();
    const auto before = [&](const Found& a, const Found& b) {
      const bool a_is_own = a.item == item, b_is_own = b.item == item;
      if (a_is_own != b_is_own) return a_is_own;
      return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
    };
    const auto kept = std::min(found.size(), static_cast<std::size_t>(options_.neighbours) + 1);
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(kept), before);
    found.resize(kept);
    return found;
  }

 private:
  void add_products(Index item) {
    for (const std::int32_t user : users_of_.of(item)) {
      const auto begin = static_cast<std::size_t>(by_user_.offsets[static_cast<std::size_t>(user)]);
      const auto end =
          static_cast<std::size_t>(by_user_.offsets[static_cast<std::size_t>(user) + 1]);
      const auto first = by_user_.items.begin();
      const auto own = std::lower_bound(first + static_cast<std::ptrdiff_t>(begin),
                                        first + static_cast<std::ptrdiff_t>(end), item) -
                       first;
      const auto weight = static_cast<double>(by_user_.weights[static_cast<std::size_t>(own)]);
      for (std::size_t at = begin; at < end; ++at) {
        double& product = products_[static_cast<std::size_t>(by_user_.items[at])];
        if (product == 0.0) touched_.push_back(by_user_.items[at]);
        product += weight * static_cast<double>(by_user_.weights[at]);
      }
    }
    // A product that was 0 twice is listed twice.
    std::ranges::sort(touched_);
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  }

  double divisor(Index item, std::int32_t other) const {
    const auto a = static_cast<std::size_t>(item), b = static_cast<std::size_t>(other);
    if (options_.weighting == KnnWeighting::cosine)
      return by_user_.norms[a] * by_user_.norms[b] + options_.shrinkage;
    const double users = std::sqrt(static_cast<double>(by_user_.counts[a]) *
                                   static_cast<double>(by_user_.counts[b]));
    return 1.0 + options_.shrinkage / users;
  }

  const Weighed& by_user_;
  const UserItems& users_of_;
  const ItemKnnOptions& options_;
  std::vector<double> products_;
  std::vector<std::int32_t> touched_;
};

}  // namespace

Neighbours find_neighbours(const UserItems& pairs, const ItemKnnOptions& options) {
  check(options);
  const Weighed by_user = weighed(pairs, options.weighting);
  const UserItems users_of = transposed(pairs);
  std::vector<std::vector<Finder::Found>> found(static_cast<std::size_t>(pairs.item_count()));
  std::mutex telling;
  Index done = 0;
  constexpr Index grain = 64;
  parallel_ranges(pairs.item_count(), grain, options.threads, [&](Index begin, Index end) {
    Finder finder(by_user, users_of, options);
    for (Index item = begin; item < end; ++item)
      found[static_cast<std::size_t>(item)] = finder.find(item);
    const std::lock_guard lock(telling);
    done += end - begin;
    if (options.progress) options.progress("similar items", done, pairs.item_count());
  });
  Neighbours neighbours;
  for (const auto& own : found) {
    for (const Finder::Found& one : own) {
      neighbours.items.push_back(one.item);
      neighbours.similarities.push_back(one.similarity);
    }
    neighbours.offsets.push_back(static_cast<Index>(neighbours.items.size()));
  }
  return neighbours;
}

ItemKnnRecommender::ItemKnnRecommender(std::shared_ptr<const UserItems> pairs,
                                       std::shared_ptr<const Neighbours> neighbours)
    : pairs_(std::move(pairs)), neighbours_(std::move(neighbours)) {}

void ItemKnnRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                               std::span<float> scores) const {
  const Person person{pairs_->of(user), pairs_->weights_of(user)};
  if (items.empty()) {
    score_person(person, scores);
    return;
  }
  std::vector<float> all(static_cast<std::size_t>(neighbours_->item_count()));
  score_person(person, all);
  for (std::size_t i = 0; i < items.size(); ++i)
    scores[i] = all[static_cast<std::size_t>(items[i])];
}

bool ItemKnnRecommender::score_person(const Person& person, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  for (std::size_t own = 0; own < person.items.size(); ++own) {
    const auto item = static_cast<std::size_t>(person.items[own]);
    const float weight = person.weights.empty() ? 1.0F : person.weights[own];
    for (auto at = static_cast<std::size_t>(neighbours_->offsets[item]);
         at < static_cast<std::size_t>(neighbours_->offsets[item + 1]); ++at)
      scores[static_cast<std::size_t>(neighbours_->items[at])] +=
          weight * neighbours_->similarities[at];
  }
  return !person.items.empty();
}

bool ItemKnnRecommender::score_similar(std::int32_t item, std::span<float> scores) const {
  return score_person({{&item, 1}, {}}, scores);
}

namespace {

class ItemKnn : public FittedModel {
 public:
  ItemKnn(std::shared_ptr<const UserItems> pairs, Neighbours neighbours)
      : pairs_(std::move(pairs)),
        neighbours_(std::make_shared<const Neighbours>(std::move(neighbours))) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<ItemKnnRecommender>(pairs_, neighbours_);
  }
  void save(nn::WeightFile& file) const override {
    put_list<Index>(file, "neighbours.offsets", neighbours_->offsets);
    put_list<std::int32_t>(file, "neighbours.items", neighbours_->items);
    put_list<float>(file, "neighbours.similarities", neighbours_->similarities);
  }

 private:
  std::shared_ptr<const UserItems> pairs_;
  std::shared_ptr<const Neighbours> neighbours_;
};

std::unique_ptr<FittedModel> fit_item_knn_row(const ModelSettings& settings,
                                              const ModelInputs& inputs,
                                              const FitProgress& progress) {
  const bool is_bm25 = settings.text(model_options::weighting) == "bm25";
  const ItemKnnOptions options{.weighting = is_bm25 ? KnnWeighting::bm25 : KnnWeighting::cosine,
                               .neighbours = settings.whole(model_options::neighbours),
                               .shrinkage = settings.number(model_options::shrinkage),
                               .threads = inputs.threads,
                               .progress = progress};
  return std::make_unique<ItemKnn>(inputs.pairs, find_neighbours(*inputs.pairs, options));
}

std::unique_ptr<FittedModel> load_item_knn_row(const ModelSource& source, const ModelSettings&,
                                               const ModelInputs& inputs) {
  const auto offsets = get_list<Index>(source.file, "neighbours.offsets");
  const auto items = get_list<std::int32_t>(source.file, "neighbours.items");
  const auto similarities = get_list<float>(source.file, "neighbours.similarities");
  const bool ascend = !offsets.empty() && offsets.front() == 0 && std::ranges::is_sorted(offsets) &&
                      offsets.back() == static_cast<Index>(items.size());
  const bool within = std::ranges::all_of(
      items, [&](std::int32_t item) { return item >= 0 && item < inputs.items(); });
  if (static_cast<Index>(offsets.size()) != inputs.items() + 1 || !ascend || !within ||
      items.size() != similarities.size())
    throw Error(fmt::format(
        "its neighbours.offsets, neighbours.items and neighbours.similarities must be the parts of "
        "{} items, within their numbers, with a similarity each",
        inputs.items()));
  return std::make_unique<ItemKnn>(inputs.pairs,
                                   Neighbours{{offsets.begin(), offsets.end()},
                                              {items.begin(), items.end()},
                                              {similarities.begin(), similarities.end()}});
}

}  // namespace

ModelRow item_knn_row() {
  return {.name = "item-knn",
          .summary = "items that the same users have as those of a user's history",
          .options = {{&model_options::neighbours,
                       "auto",
                       {"20", "100", "500"},
                       {"10", "20", "50", "100", "200", "500"}},
                      {&model_options::shrinkage,
                       "auto",
                       {"0", "10", "50"},
                       {"0", "5", "10", "20", "50", "100"}},
                      {&model_options::weighting, "auto", {"cosine", "bm25"}}},
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                const double neighbours =
                    settings.is_auto(model_options::neighbours)
                        ? 500.0
                        : static_cast<double>(settings.whole(model_options::neighbours));
                return 2.0 * static_cast<double>(shape.items) *
                       std::min(neighbours, static_cast<double>(shape.items));
              },
          .baseline = {.for_known = true},
          .fit = fit_item_knn_row,
          .load = load_item_knn_row};
}

}  // namespace tapegrad::apps
