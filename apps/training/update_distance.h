// How far a model that was updated is from one that was fitted again.
#pragma once

#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

struct UpdateDistance {
  Index users = 0;      // of the sample
  Index cases = 0;      // of these, with a new item that was held out
  double shared = 0.0;  // how many items of a list of k the two have in common, the mean
  // NDCG at k of the updated model, and of the refitted one, for one new item of each user that
  // both were not trained on; the RMSE of its rating where the models predict ratings.
  double updated = 0.0, refitted = 0.0;
  bool of_ratings = false;
};

// Does with a sample of users what an update does with all. A model is fitted to what `before` has
// of them, and trained further for `rounds` (train_further) on what `after` has; another is fitted
// to the latter from the beginning. Of each user with a new item and another one, one new item is
// held out of both. The sample has up to `users` users, drawn by hash. No users: nobody of the
// sample has such an item.
UpdateDistance distance_of_update(const StoredModel& before, const StoredModel& after, int rounds,
                                  Index users, int k, int threads, Progress& progress);

}  // namespace tapegrad::apps
