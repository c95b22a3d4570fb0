// How models of users and items are trained on pairs.
#pragma once

#include <cstdint>

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

}  // namespace tapegrad::apps
