// How much memory a training will take, before it takes it.
#pragma once

#include <string>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/models/model_row.h>
#include <tapegrad/apps/training/pair_options.h>

namespace tapegrad::apps {

// In bytes; good to within a third or so for what is large.
struct MemoryNeed {
  double events = 0.0;  // the events, their ids and the lists of users
  // Weights; of a network with their gradients, moments, average and best values.
  double weights = 0.0;
  double batch = 0.0;  // the numbers of one batch of a network

  double all() const { return events + weights + batch; }
};

MemoryNeed memory_need(const ModelRow& row, const ModelSettings& settings, const ModelShape& shape,
                       const PairSourceOptions& pairs);

// Such as "mf: needs about 1.3 GB: 0.2 GB for 300000 events, 0.9 GB for 20 million weights, 0.2 GB
// for a batch".
std::string describe_need(const ModelRow& row, const ModelSettings& settings,
                          const ModelShape& shape, const PairSourceOptions& pairs);

// Throws OptionError where the training needs more than `available` bytes, and says which number of
// items, and where a batch is much of the need, which batch would fit.
void require_memory(const ModelRow& row, const ModelSettings& settings, const ModelShape& shape,
                    const PairSourceOptions& pairs, double available);

// The shape of a model of the split's training.
ModelShape shape_of(const Split& split, const EntityFeatures* user_features,
                    const EntityFeatures* item_features);

// What the machine has free now, or what is left of the process's own limit, in bytes.
double available_memory();

}  // namespace tapegrad::apps
