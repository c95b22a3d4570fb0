// How models of users and items are trained on pairs.
#pragma once

#include <cstdint>
#include <string>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

enum class PairLoss {
  pointwise,        // SampledPairSource
  softmax,          // UserSource
  sigmoid,          // UserSource
  sampled_softmax,  // SampledSoftmaxSource
  squared,          // RatingSource
};

struct PairSourceOptions {
  PairLoss loss = PairLoss::pointwise;
  // Pairs in a batch: pointwise, negatives included; sampled_softmax; squared. Users: softmax and
  // sigmoid; 0 for a number that fits.
  Index batch = 1280;
  // Sampled for each pair: pointwise. For each batch: sampled_softmax.
  Index negatives = 4;
  std::uint64_t seed = 1;
};

// How pairs are trained on, with a number in place of every "auto": the softmax over all items
// where it is not much more work than the sampled one.
PairSourceOptions pair_options(const ModelSettings& settings, const UserItems& pairs,
                               std::uint64_t seed);

// As the option --loss has it.
std::string name_of(PairLoss loss);

// In words, such as "softmax over all 3706 items, 256 users a batch".
std::string describe(const PairSourceOptions& options, const UserItems& pairs);

}  // namespace tapegrad::apps
