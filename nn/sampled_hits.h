// Where sampled negatives are what they should differ from.
#pragma once

#include <span>

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// [targets, negatives]: 1 where the negative is the row's target, else 0. Without a gradient.
Tensor sampled_hits(Tape& tape, std::span<const Index> targets, std::span<const Index> negatives,
                    SourceLine line = SourceLine::here());

}  // namespace tapegrad::nn
