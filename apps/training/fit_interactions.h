// From a split to a trained model: choose what is open on a validation split, then fit on all
// training rows.
#pragma once

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/training/pair_sources.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct FitOptions {
  ModelSettings settings;
  PairSourceOptions source;
  LoopOptions loop;
  Index validation_negatives = 0;  // 0: full ranking
  Index validation_users = 0;      // at most; 0: all
  double lambda = 0.0;             // ease; 0: chosen on the validation split
  int k = 10;
};

struct FitResult {
  int epochs = 0;
  double lambda = 0.0;
};

// Fits popularity, ease or a neural model on the split's training rows into `model`. The choice is
// by hit rate at k, among equals by NDCG, then the first; the test cases are not looked at.
FitResult fit_interactions(StoredModel& model, const Split& split, const FitOptions& options,
                           Progress& progress);

}  // namespace tapegrad::apps
