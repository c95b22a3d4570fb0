// Simple models beside a network of sequences, which has to beat them.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/training/fit_sequence.h>

namespace tapegrad::apps {

// A baseline that was fitted and ranked the cases of the test.
struct SequenceBaseline {
  std::string name;
  ModelSettings settings;  // with what was chosen on the validation part
  std::vector<RankedNext> ranked;
};

// The baselines that suit a split, by their rows in the registry.
std::vector<std::string> suitable_baselines(const SequenceSplit& split);

// Fits baselines, choosing what is open on the same validation part as the network, whose options
// these are. One that cannot be fitted to these data is left out, and a warning says why.
std::vector<SequenceBaseline> fit_sequence_baselines(const std::vector<std::string>& names,
                                                     const SequenceSplit& split,
                                                     const SequenceFitOptions& options,
                                                     Progress& progress);

// The baseline that is best on the test by what validation looks at; null without any.
const SequenceBaseline* best_of(const std::vector<SequenceBaseline>& baselines, Measure measure,
                                int k);

}  // namespace tapegrad::apps
