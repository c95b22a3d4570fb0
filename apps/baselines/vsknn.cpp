#include <tapegrad/apps/baselines/vsknn.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace tapegrad::apps {
namespace {

// The weight of the item at 1-based `position` of `count`.
double position_weight(Decay decay, double position, double count) {
  switch (decay) {
    case Decay::linear:
      return position / count;
    case Decay::logarithmic:
      return 1.0 / std::log10(count - position + 1.7);
    case Decay::hyperbolic:
      return 1.0 / (count - position + 1.0);
    case Decay::quadratic:
      return position * position / (count * count);
    case Decay::same:
      break;
  }
  return 1.0;
}

// The weight of a neighbour whose latest common item is the `step`-th from the end, from 1 on.
double match_weight(Decay decay, double step) {
  switch (decay) {
    case Decay::linear:
      return std::max(0.0, 1.0 - 0.1 * step);
    case Decay::logarithmic:
      return 1.0 / std::log10(step + 1.7);
    case Decay::hyperbolic:
      return 1.0 / step;
    case Decay::quadratic:
      return 1.0 / (step * step);
    case Decay::same:
      break;
  }
  return 1.0;
}

}  // namespace

Vsknn::Vsknn(const Sessions& training, const VsknnOptions& options)
    : training_(training), options_(options), neighbours_(training) {
  for (std::int32_t item = 0; item < static_cast<std::int32_t>(training.items.size()); ++item) {
    const Index with = std::max<Index>(1, neighbours_.sessions_with(item));
    idf_factors_.push_back(1.0 + options.idf * std::log(static_cast<double>(training.count()) /
                                                        static_cast<double>(with)));
  }
}

void Vsknn::score_one(const History& history, std::span<float> scores) const {
  const std::vector<LastPlace> own = last_places(history);
  const auto count = static_cast<double>(own.size());
  std::vector<SessionNeighbours::Weighted> weighted;
  for (std::size_t i = 0; i < own.size(); ++i)
    weighted.push_back(
        {own[i].item,
         position_weight(options_.position, static_cast<double>(i) + 1.0, count) / count});
  auto neighbours = neighbours_.candidates(weighted, options_.sample);
  SessionNeighbours::keep_best(neighbours, options_.neighbours);
  std::vector<std::int32_t> items;
  for (const SessionNeighbours::Neighbour& neighbour : neighbours) {
    const auto events = training_.of(neighbour.session).items;
    items.assign(events.begin(), events.end());
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    std::size_t step = 1;
    while (!std::ranges::binary_search(items, own[own.size() - step].item)) ++step;
    const double weight =
        neighbour.similarity * match_weight(options_.match, static_cast<double>(step));
    for (const std::int32_t item : items) {
      const auto at = static_cast<std::size_t>(item);
      scores[at] += static_cast<float>(weight * idf_factors_[at]);
    }
  }
}

void Vsknn::score(std::span<const History> histories, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const std::size_t items = idf_factors_.size();
  for (std::size_t h = 0; h < histories.size(); ++h)
    score_one(histories[h].last_at_most(longest_compared), scores.subspan(h * items, items));
}

namespace {

Decay decay_of(const ModelSettings& settings, const ModelOption& option) {
  const auto found = std::ranges::find(option.words, settings.text(option));
  return static_cast<Decay>(found - option.words.begin());
}

}  // namespace

SequenceRow vsknn_row() {
  return {.name = "vsknn",
          .summary = "the items of the nearest sessions, the end of the session counting most",
          .options = {{&sequence_options::neighbours, "auto", {"100", "50", "200", "500"}},
                      {&sequence_options::sample, "auto", {"1000", "500", "2500", "5000"}},
                      {&sequence_options::position_decay,
                       "auto",
                       {"linear", "same", "log", "hyperbolic", "quadratic"}},
                      {&sequence_options::match_decay,
                       "auto",
                       {"linear", "same", "log", "hyperbolic", "quadratic"}},
                      {&sequence_options::idf, "auto", {"0", "1", "2", "5", "10"}}},
          .count = [](const ModelSettings& settings,
                      const Sessions& training) -> std::unique_ptr<NextItemPredictor> {
            return std::make_unique<Vsknn>(
                training,
                VsknnOptions{.neighbours = settings.whole(sequence_options::neighbours),
                             .sample = settings.whole(sequence_options::sample),
                             .position = decay_of(settings, sequence_options::position_decay),
                             .match = decay_of(settings, sequence_options::match_decay),
                             .idf = settings.number(sequence_options::idf)});
          }};
}

}  // namespace tapegrad::apps
