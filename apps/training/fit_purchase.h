// From sessions to a trained model of purchases.
#pragma once

#include <tapegrad/apps/data/purchase_sessions.h>
#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct PurchaseFitOptions {
  ModelSettings settings;
  LoopOptions loop;
  bool refit = true;  // train anew on all sessions for the chosen number of epochs
};

// Fits a model into `model`, which has its name already. The last tenth of the sessions chooses the
// number of epochs by average precision, and, with the weights that were best on it, the
// temperature and the threshold. Gives the number of epochs. Throws DataError where the sessions
// before it, or those of it, are all of one class.
int fit_purchase(StoredPurchaseModel& model, const PurchaseSessions& training,
                 const PurchaseFitOptions& options, Progress& progress);

// The probabilities that a model gives to sessions in its numbers.
Binary predict_purchases(const StoredPurchaseModel& model, const PurchaseSessions& sessions,
                         int threads);

}  // namespace tapegrad::apps
