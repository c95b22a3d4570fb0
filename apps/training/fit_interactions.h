// From a split to a trained model: choose what is open on a validation split, then fit on all
// training rows.
#pragma once

#include <memory>
#include <string>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/model_row.h>
#include <tapegrad/apps/training/pair_options.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct FitOptions {
  ModelSettings settings;
  LoopOptions loop;
  Index validation_negatives = 0;  // 0: full ranking
  Index validation_users = 0;      // at most; 0: all
  int k = 10;
  // What decides on the validation part: the hit rate at k, or NDCG at k; among equals the other.
  bool by_ndcg = false;
  // Of all users and items of the split; null without.
  std::shared_ptr<const EntityFeatures> user_features{}, item_features{};
};

struct FitResult {
  int epochs = 0;
  ModelSettings settings;  // with what was chosen
};

// Whether the loss is that of predicted ratings.
bool predicts_ratings(const FitOptions& options);

// Fits a model on the split's training rows into `model`, which has its name already. The choice is
// by FitOptions::by_ndcg, among equals the first; the test cases are not looked at.
FitResult fit_interactions(StoredModel& model, const Split& split, const FitOptions& options,
                           Progress& progress);

}  // namespace tapegrad::apps
