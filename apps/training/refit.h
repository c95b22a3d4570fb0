// Fitting a stored model again, to other events than those that it was trained on.
#pragma once

#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// Fits the model anew to the users, items and pairs that it has now, with its settings, its seed
// and its number of epochs. The result has the same bits for any number of threads.
void refit(StoredModel& model, int threads, Progress& progress);

// Trains a model further (ModelRow::can_go_on) on the pairs that it has now, for some rounds:
// epochs of a network, sweeps of ials. `before` has what was learnt; users and items may have been
// added behind those of `before`, and begin anew.
void train_further(StoredModel& model, const StoredModel& before, int rounds, int threads,
                   Progress& progress);

}  // namespace tapegrad::apps
