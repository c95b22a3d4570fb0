#include <tapegrad/apps/baselines/content.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

ContentRecommender::ContentRecommender(std::shared_ptr<const UserItems> pairs,
                                       std::shared_ptr<const EntityFeatures> items)
    : pairs_(std::move(pairs)), items_(std::move(items)) {
  std::vector<double> having(static_cast<std::size_t>(items_->vocabulary()), 0.0);
  for (Index item = 0; item < items_->count(); ++item) {
    for (std::size_t i = 0; i < items_->values(item).size(); ++i) {
      if (items_->values(item)[i] != 0.0F)
        having[static_cast<std::size_t>(items_->places(item)[i])] += 1.0;
    }
  }
  const auto count = static_cast<double>(items_->count());
  for (Index item = 0; item < items_->count(); ++item) {
    const auto places = items_->places(item);
    const auto values = items_->values(item);
    std::vector<double> weighed;
    double squares = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double idf =
          std::log((1.0 + count) / (1.0 + having[static_cast<std::size_t>(places[i])]));
      weighed.push_back(static_cast<double>(values[i]) * idf);
      squares += weighed.back() * weighed.back();
    }
    const double norm = squares > 0.0 ? std::sqrt(squares) : 1.0;
    for (const double value : weighed) values_.push_back(static_cast<float>(value / norm));
  }
}

bool ContentRecommender::score_person(const Person& person, std::span<float> scores) const {
  const auto length = static_cast<std::size_t>(items_->length());
  std::vector<float> profile(static_cast<std::size_t>(items_->vocabulary()), 0.0F);
  for (std::size_t own = 0; own < person.items.size(); ++own) {
    const auto item = static_cast<std::size_t>(person.items[own]);
    const float weight = person.weights.empty() ? 1.0F : person.weights[own];
    const auto places = items_->places(person.items[own]);
    for (std::size_t i = 0; i < length; ++i)
      profile[static_cast<std::size_t>(places[i])] += weight * values_[item * length + i];
  }
  double squares = 0.0;
  for (const float value : profile)
    squares += static_cast<double>(value) * static_cast<double>(value);
  if (squares == 0.0) return false;
  const auto norm = static_cast<float>(std::sqrt(squares));
  for (std::size_t item = 0; item < scores.size(); ++item) {
    const auto places = items_->places(static_cast<Index>(item));
    float sum = 0.0F;
    for (std::size_t i = 0; i < length; ++i)
      sum += profile[static_cast<std::size_t>(places[i])] * values_[item * length + i];
    scores[item] = sum / norm;
  }
  return true;
}

void ContentRecommender::score(std::int32_t user, std::span<const std::int32_t> items,
                               std::span<float> scores) const {
  const Person person{pairs_->of(user), pairs_->weights_of(user)};
  std::vector<float> all(static_cast<std::size_t>(pairs_->item_count()), 0.0F);
  score_person(person, all);
  if (items.empty()) {
    std::ranges::copy(all, scores.begin());
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    scores[i] = all[static_cast<std::size_t>(items[i])];
}

namespace {

void require_features(const ModelInputs& inputs, const char* model) {
  if (!inputs.item_features)
    throw OptionError(
        fmt::format("model {} needs features of items: a table --items with other columns than the "
                    "ids",
                    model));
}

class Content : public FittedModel {
 public:
  explicit Content(const ModelInputs& inputs) : recommender_(inputs.pairs, inputs.item_features) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<ContentRecommender>(recommender_);
  }
  void save(nn::WeightFile&) const override {}  // pairs and features are in the file anyway

 private:
  ContentRecommender recommender_;
};

std::unique_ptr<FittedModel> make_content(const ModelInputs& inputs) {
  require_features(inputs, "content");
  return std::make_unique<Content>(inputs);
}

// For each item the mean over its features of the mean popularity of trained items that have them.
std::vector<float> category_popularity(const ModelInputs& inputs) {
  require_features(inputs, "category-popularity");
  const EntityFeatures& features = *inputs.item_features;
  const std::vector<double> popularity = inputs.pairs->item_weights();
  const auto vocabulary = static_cast<std::size_t>(features.vocabulary());
  std::vector<double> sums(vocabulary, 0.0), weights(vocabulary, 0.0);
  const auto each = [&](Index item, const auto& body) {
    for (std::size_t i = 0; i < features.values(item).size(); ++i) {
      const double value = std::abs(static_cast<double>(features.values(item)[i]));
      if (value > 0.0) body(static_cast<std::size_t>(features.places(item)[i]), value);
    }
  };
  for (Index item = 0; item < features.count(); ++item) {
    const double own = popularity[static_cast<std::size_t>(item)];
    if (own == 0.0) continue;
    each(item, [&](std::size_t place, double value) {
      sums[place] += value * own;
      weights[place] += value;
    });
  }
  std::vector<float> scores;
  for (Index item = 0; item < features.count(); ++item) {
    double sum = 0.0, weight = 0.0;
    each(item, [&](std::size_t place, double value) {
      if (weights[place] == 0.0) return;
      sum += value * sums[place] / weights[place];
      weight += value;
    });
    scores.push_back(static_cast<float>(weight > 0.0 ? sum / weight : 0.0));
  }
  return scores;
}

class CategoryPopularity : public FittedModel {
 public:
  explicit CategoryPopularity(const ModelInputs& inputs)
      : recommender_(category_popularity(inputs)) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<PopularityRecommender>(recommender_);
  }
  void save(nn::WeightFile&) const override {}

 private:
  PopularityRecommender recommender_;
};

}  // namespace

ModelRow content_row() {
  return {.name = "content",
          .summary = "items whose features are like those of a user's items",
          .options = {},
          .features = FeatureUse::always,
          .numbers =
              [](const ModelSettings&, const ModelShape& shape) {
                // A row of at most 64 features for each item, and as long a profile for each user.
                return 128.0 * static_cast<double>(shape.items + shape.users);
              },
          .baseline = {.for_new_items = true},
          .fit = [](const ModelSettings&, const ModelInputs& inputs,
                    const FitProgress&) { return make_content(inputs); },
          .load = [](const ModelSource&, const ModelSettings&,
                     const ModelInputs& inputs) { return make_content(inputs); }};
}

ModelRow category_popularity_row() {
  return {.name = "category-popularity",
          .summary = "how many users have items with the same features",
          .options = {},
          .features = FeatureUse::always,
          .numbers =
              [](const ModelSettings&, const ModelShape& shape) {
                // A row of at most 64 features for each item, and as long a profile for each user.
                return 128.0 * static_cast<double>(shape.items + shape.users);
              },
          .baseline = {.for_new_items = true},
          .fit = [](const ModelSettings&, const ModelInputs& inputs,
                    const FitProgress&) -> std::unique_ptr<FittedModel> {
            return std::make_unique<CategoryPopularity>(inputs);
          },
          .load = [](const ModelSource&, const ModelSettings&,
                     const ModelInputs& inputs) -> std::unique_ptr<FittedModel> {
            return std::make_unique<CategoryPopularity>(inputs);
          }};
}

}  // namespace tapegrad::apps
