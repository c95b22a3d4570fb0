// The options that models of sequences are made and trained with.
#pragma once

#include <vector>

#include <tapegrad/apps/models/model_options.h>

namespace tapegrad::apps::sequence_options {

extern const ModelOption width, layers, heads, length, kernel, dropout, intervals, revisits, loss,
    negatives, sampling_exponent, regularisation, calibration, batch, steps, window, neighbours,
    sample, position_decay, match_decay, idf, position_scale, recency_scale, neighbour_scale;
// All of them, in the order of the help.
const std::vector<const ModelOption*>& all();

}  // namespace tapegrad::apps::sequence_options
