// Judging models on a part of the training that is held out.
#pragma once

#include <functional>
#include <string>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/models/model_row.h>
#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/training/fit_interactions.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// What models of the split's training are made from.
ModelInputs inputs_of(const Split& split, const FitOptions& options);

// The validation split that the options ask for.
Split validation_of(const Split& split, const FitOptions& options);

// Judges models that were fitted to a validation split's training on its cases: by hit rate or
// NDCG at k (FitOptions::by_ndcg); models that predict ratings by their RMSE. The split and the
// options must outlive it.
class Judge {
 public:
  Judge(const Split& validation, const FitOptions& options);
  Judgement operator()(const FittedModel& model) const;

 private:
  const Split& validation_;
  const FitOptions& options_;
  std::shared_ptr<const UserItems> not_competing_;
};

}  // namespace tapegrad::apps
