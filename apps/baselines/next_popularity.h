// What comes most often, whatever the order of a history.
#pragma once

#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

// Scores an item by its number of events, whatever the history; with `days`, by those of so many
// days before the last event.
class PopularNext : public NextItemPredictor {
 public:
  explicit PopularNext(const Sessions& training);
  // Throws DataError for sessions without times.
  PopularNext(const Sessions& training, double days);
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  std::vector<float> counts_;
};

// Scores an item by how often the history has it, equal ones by their number of events in the
// training: S-POP, and for users the items that they have most often. Source: Hidasi et al., ICLR
// 2016, section 4.
class OwnPopularNext : public NextItemPredictor {
 public:
  explicit OwnPopularNext(const Sessions& training);
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  std::vector<float> shares_;  // of all events, below 1
};

// Models `popularity`, `recent-popularity` and `session-popularity`.
SequenceRow popular_next_row();
SequenceRow recent_popular_next_row();
SequenceRow own_popular_next_row();

}  // namespace tapegrad::apps
