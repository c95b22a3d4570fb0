// The nearest sessions, the end of the session counting most.
#pragma once

#include <functional>
#include <vector>

#include <tapegrad/apps/baselines/session_neighbours.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

// How a weight falls with the distance from the end of a session.
enum class Decay { same, linear, logarithmic, hyperbolic, quadratic };

struct VsknnOptions {
  Index neighbours = 100;
  Index sample = 1000;             // the latest sessions among which neighbours are looked for
  Decay position = Decay::linear;  // of the items of the session in the similarity
  Decay match = Decay::linear;     // of the neighbour, by the latest item that both have
  double idf = 0.0;                // how much rare items are preferred
};

// V-SKNN: an item scores, over the neighbours that have it, the sum of
//   similarity · match decay · (1 + idf·log(sessions / sessions with the item)).
// The similarity of a session is the sum of the position weights of the items that both have, over
// the number of distinct items of the one at hand. Source: Ludewig & Jannach, User Modeling and
// User-Adapted Interaction 28, 2018, section 3.2.
class Vsknn : public NextItemPredictor {
 public:
  Vsknn(const Sessions& training, const VsknnOptions& options);
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  void score_one(const History& history, std::span<float> scores) const;

  const Sessions& training_;
  VsknnOptions options_;
  SessionNeighbours neighbours_;
  std::vector<double> idf_factors_;  // by item
};

// Model `vsknn`.
SequenceRow vsknn_row();

}  // namespace tapegrad::apps
