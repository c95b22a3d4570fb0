// The nearest sessions, weighed by position, by age and by what stands near in them.
#pragma once

#include <vector>

#include <tapegrad/apps/baselines/session_neighbours.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

struct StanOptions {
  Index neighbours = 500;
  Index sample = 1000;            // the latest sessions among which neighbours are looked for
  double position_scale = 3.62;   // λ₁, in events
  double recency_scale = 40.0;    // λ₂, in days
  double neighbour_scale = 3.62;  // λ₃, in events
};

// STAN: an item scores, over the neighbours that have it, the sum of
//   similarity · e^(-age/λ₂) · e^(-|its place - place of the latest common item|/λ₃)
// The similarity is Σ e^(-(events after the item in the session at hand)/λ₁) over the items that
// both have, over the root of the product of both numbers of distinct items. Ages are counted back
// from the last event of the training; without times they do not count. Source: Garg et al.,
// "Sequence and time aware neighborhood for session-based recommendations", SIGIR 2019.
class Stan : public NextItemPredictor {
 public:
  Stan(const Sessions& training, const StanOptions& options);
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  void score_one(const History& history, std::span<float> scores) const;

  const Sessions& training_;
  StanOptions options_;
  SessionNeighbours neighbours_;
  std::vector<double> recencies_;  // by session
  std::vector<double> roots_;      // of the number of distinct items, by session
};

// Model `stan`.
SequenceRow stan_row();

}  // namespace tapegrad::apps
