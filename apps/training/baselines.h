// Simple models beside a neural network, which has to beat them.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/models/tested_model.h>
#include <tapegrad/apps/training/fit_interactions.h>

namespace tapegrad::apps {

// A baseline that was fitted and ranked the cases of the test.
struct Baseline {
  ModelSettings settings;  // with what was chosen on the validation part
  TestedModel tested;
};

// The baselines that can rank the cases of a protocol, by their rows in the registry. `left_out`
// receives a sentence for each that would take too long on these data.
std::vector<std::string> suitable_baselines(const Split& split, bool has_item_features,
                                            std::vector<std::string>& left_out);

// Fits baselines with the defaults of their rows, choosing what is open on the same validation part
// as the network, and ranks the test with each. `options` are those of the network: its k, seed,
// threads and features. One that cannot be fitted to these data, or needs more memory than
// `available_memory` bytes, is left out, and a warning says why.
std::vector<Baseline> fit_baselines(const std::vector<std::string>& names, const Split& split,
                                    const FitOptions& options, double available_memory,
                                    Progress& progress);

// The baseline with the highest NDCG at k on the test; null without any.
const Baseline* best_of(const std::vector<Baseline>& baselines);

}  // namespace tapegrad::apps
