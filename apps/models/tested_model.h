// A model on the test of its split.
#pragma once

#include <vector>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/model_file.h>

namespace tapegrad::apps {

struct TestedModel {
  std::vector<RankedCase> ranked;
  RankingResult result;
};

// Ranks the cases, `longest` being the length of the lists that are kept of each, and predicts the
// ratings of the test where the model predicts any.
TestedModel test_model(const StoredModel& model, const Split& split, int k, Index longest,
                       int threads);

}  // namespace tapegrad::apps
