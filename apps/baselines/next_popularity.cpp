#include <tapegrad/apps/baselines/next_popularity.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

// Of the events from `begin` on.
std::vector<float> counts_of(const Sessions& training, double begin) {
  std::vector<float> counts(static_cast<std::size_t>(training.items.size()), 0.0F);
  for (std::size_t i = 0; i < training.events.size(); ++i) {
    if (training.times.empty() || training.times[i] >= begin)
      counts[static_cast<std::size_t>(training.events[i])] += 1.0F;
  }
  return counts;
}

double last_time(const Sessions& training) {
  if (training.times.empty())
    throw DataError("recent-popularity needs the times of events, and these have none");
  return std::ranges::max(training.times);
}

}  // namespace

PopularNext::PopularNext(const Sessions& training)
    : counts_(counts_of(training, -std::numeric_limits<double>::infinity())) {}

PopularNext::PopularNext(const Sessions& training, double days)
    : counts_(counts_of(training, last_time(training) - 86400.0 * days)) {}

void PopularNext::score(std::span<const History> histories, std::span<float> scores) const {
  for (std::size_t h = 0; h < histories.size(); ++h)
    std::ranges::copy(counts_, scores.begin() + static_cast<std::ptrdiff_t>(h * counts_.size()));
}

OwnPopularNext::OwnPopularNext(const Sessions& training)
    : shares_(counts_of(training, -std::numeric_limits<double>::infinity())) {
  const auto all = static_cast<float>(training.events.size() + 1);
  for (float& share : shares_) share /= all;
}

void OwnPopularNext::score(std::span<const History> histories, std::span<float> scores) const {
  for (std::size_t h = 0; h < histories.size(); ++h) {
    const auto own = scores.subspan(h * shares_.size(), shares_.size());
    std::ranges::copy(shares_, own.begin());
    for (const std::int32_t item : histories[h].items) own[static_cast<std::size_t>(item)] += 1.0F;
  }
}

SequenceRow popular_next_row() {
  return {.name = "popularity",
          .summary = "the items that come most often",
          .count = [](const ModelSettings&,
                      const Sessions& training) -> std::unique_ptr<NextItemPredictor> {
            return std::make_unique<PopularNext>(training);
          },
          .shortest_session = 1,
          .is_baseline_of_histories = true};
}

SequenceRow recent_popular_next_row() {
  return {.name = "recent-popularity",
          .summary = "those of the last days",
          .options = {{&sequence_options::window, "auto", {"7", "1", "2", "14", "30", "90"}}},
          .count = [](const ModelSettings& settings,
                      const Sessions& training) -> std::unique_ptr<NextItemPredictor> {
            return std::make_unique<PopularNext>(training,
                                                 settings.number(sequence_options::window));
          },
          .shortest_session = 1,
          .needs_times = true,
          .is_baseline_of_histories = true};
}

SequenceRow own_popular_next_row() {
  return {.name = "session-popularity",
          .summary = "the items that the session, or the user, has most often",
          .count = [](const ModelSettings&,
                      const Sessions& training) -> std::unique_ptr<NextItemPredictor> {
            return std::make_unique<OwnPopularNext>(training);
          },
          .shortest_session = 1,
          .is_baseline_of_histories = true};
}

}  // namespace tapegrad::apps
