// How far predicted ratings are from those that were given.
#pragma once

#include <tapegrad/apps/data/tested_events.h>
#include <tapegrad/apps/evaluation/recommender.h>

namespace tapegrad::apps {

struct RatingErrors {
  double rmse = 0.0;  // the root of the mean squared error
  double mae = 0.0;   // the mean absolute error
  Index ratings = 0;  // how many were predicted
};

// Of the tested events that have a rating; `ratings` predicts them as its scores. The same bits for
// any number of threads.
RatingErrors rating_errors(const Recommender& ratings, const TestedEvents& tested, int threads);

}  // namespace tapegrad::apps
