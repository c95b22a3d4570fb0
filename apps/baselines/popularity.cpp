#include <tapegrad/apps/baselines/popularity.h>

#include <algorithm>
#include <memory>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {

PopularityRecommender::PopularityRecommender(const UserItems& training) {
  for (const double sum : training.item_weights()) counts_.push_back(static_cast<float>(sum));
}

void PopularityRecommender::score(std::int32_t, std::span<const std::int32_t> items,
                                  std::span<float> scores) const {
  if (items.empty()) {
    std::copy(counts_.begin(), counts_.end(), scores.begin());
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    scores[i] = counts_[static_cast<std::size_t>(items[i])];
}

bool PopularityRecommender::score_person(const Person&, std::span<float> scores) const {
  score(0, {}, scores);
  return true;
}

namespace {

class Popularity : public FittedModel {
 public:
  explicit Popularity(PopularityRecommender recommender) : recommender_(std::move(recommender)) {}
  std::unique_ptr<const Recommender> recommender() const override {
    return std::make_unique<PopularityRecommender>(recommender_);
  }
  void save(nn::WeightFile& file) const override {
    put_list<float>(file, "popularity.counts", recommender_.counts());
  }

 private:
  PopularityRecommender recommender_;
};

// The events of the last days.
UserItems recent_pairs(const Interactions& events, double days) {
  if (events.times.empty())
    throw DataError("popularity: a window needs a time for each event; the table has no times");
  const double first = std::ranges::max(events.times) - 86400.0 * days;
  std::vector<bool> kept(events.times.size());
  for (std::size_t row = 0; row < kept.size(); ++row) kept[row] = events.times[row] >= first;
  return UserItems(subset(events, kept));
}

std::unique_ptr<FittedModel> fit_popularity_row(const ModelSettings& settings,
                                                const ModelInputs& inputs, const FitProgress&) {
  if (settings.is_auto(model_options::window))
    return std::make_unique<Popularity>(PopularityRecommender(*inputs.pairs));
  return std::make_unique<Popularity>(
      PopularityRecommender(recent_pairs(*inputs.events, settings.number(model_options::window))));
}

std::unique_ptr<FittedModel> load_popularity_row(const ModelSource& source, const ModelSettings&,
                                                 const ModelInputs& inputs) {
  const auto counts = get_list<float>(source.file, "popularity.counts");
  if (static_cast<Index>(counts.size()) != inputs.items())
    throw Error(fmt::format("its popularity.counts are {}, expected one for each of {} items",
                            counts.size(), inputs.items()));
  return std::make_unique<Popularity>(
      PopularityRecommender(std::vector<float>(counts.begin(), counts.end())));
}

}  // namespace

ModelRow popularity_row() {
  return {.name = "popularity",
          .summary = "the items that most users have",
          .options = {{&model_options::window, "auto", {}}},
          .numbers = [](const ModelSettings&,
                        const ModelShape& shape) { return static_cast<double>(shape.items); },
          .baseline = {.for_known = true, .for_new_users = true},
          .fit = fit_popularity_row,
          .load = load_popularity_row};
}

}  // namespace tapegrad::apps
