#include <tapegrad/apps/baselines/stan.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace tapegrad::apps {

Stan::Stan(const Sessions& training, const StanOptions& options)
    : training_(training), options_(options), neighbours_(training) {
  const double last = training.times.empty() ? 0.0 : std::ranges::max(training.times);
  for (Index s = 0; s < training.count(); ++s) {
    const History session = training.of(s);
    const double age = session.times.empty() ? 0.0 : (last - session.times.back()) / 86400.0;
    recencies_.push_back(std::exp(-age / options.recency_scale));
    roots_.push_back(std::sqrt(static_cast<double>(last_places(session).size())));
  }
}

void Stan::score_one(const History& history, std::span<float> scores) const {
  const std::vector<LastPlace> own = last_places(history);
  const double root = std::sqrt(static_cast<double>(own.size()));
  std::vector<SessionNeighbours::Weighted> weighted;
  for (const LastPlace& one : own) {
    const auto after = static_cast<double>(history.size() - 1 - one.place);
    weighted.push_back({one.item, std::exp(-after / options_.position_scale) / root});
  }
  auto neighbours = neighbours_.candidates(weighted, options_.sample);
  for (SessionNeighbours::Neighbour& one : neighbours)
    one.similarity /= roots_[static_cast<std::size_t>(one.session)];
  SessionNeighbours::keep_best(neighbours, options_.neighbours);
  for (const SessionNeighbours::Neighbour& neighbour : neighbours) {
    const std::vector<LastPlace> theirs = last_places(training_.of(neighbour.session));
    // Where the neighbour has the latest item that both have.
    auto common = theirs.end();
    for (auto item = own.rbegin(); common == theirs.end() && item != own.rend(); ++item)
      common = std::ranges::find(theirs, item->item, &LastPlace::item);
    const double weight =
        neighbour.similarity * recencies_[static_cast<std::size_t>(neighbour.session)];
    for (const LastPlace& one : theirs) {
      const double distance =
          std::abs(static_cast<double>(one.place) - static_cast<double>(common->place));
      scores[static_cast<std::size_t>(one.item)] +=
          static_cast<float>(weight * std::exp(-distance / options_.neighbour_scale));
    }
  }
}

void Stan::score(std::span<const History> histories, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const auto items = static_cast<std::size_t>(training_.items.size());
  for (std::size_t h = 0; h < histories.size(); ++h)
    score_one(histories[h].last_at_most(longest_compared), scores.subspan(h * items, items));
}

SequenceRow stan_row() {
  return {.name = "stan",
          .summary = "the items of the nearest sessions, by position, age and nearness",
          .options = {{&sequence_options::neighbours, "auto", {"500", "100", "200", "1000"}},
                      {&sequence_options::sample, "auto", {"1000", "2500", "5000"}},
                      {&sequence_options::position_scale,
                       "auto",
                       {"3.62", "0.45", "0.9", "1.81", "7.24", "1000"}},
                      {&sequence_options::recency_scale,
                       "auto",
                       {"40", "2.5", "5", "10", "20", "80", "1000"}},
                      {&sequence_options::neighbour_scale,
                       "auto",
                       {"3.62", "0.45", "0.9", "1.81", "7.24", "1000"}}},
          .count = [](const ModelSettings& settings,
                      const Sessions& training) -> std::unique_ptr<NextItemPredictor> {
            return std::make_unique<Stan>(
                training,
                StanOptions{.neighbours = settings.whole(sequence_options::neighbours),
                            .sample = settings.whole(sequence_options::sample),
                            .position_scale = settings.number(sequence_options::position_scale),
                            .recency_scale = settings.number(sequence_options::recency_scale),
                            .neighbour_scale = settings.number(sequence_options::neighbour_scale)});
          }};
}

}  // namespace tapegrad::apps
