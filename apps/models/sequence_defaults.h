// Defaults of networks of sequences that depend on the size of the data.
#pragma once

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

// The settings of a network with what is "auto" decided by the sessions that it is trained on:
//
// - length: the least of 50, 100 and 200 that nine tenths of the sessions are no longer than, else
//   200;
// - dropout: 0.3 below half a million events, 0.2 from there on;
// - loss: softmax up to 20,000 items, sampled-softmax for more;
// - negatives: 512 up to 20,000 items, 2,048 for more;
// - batch: of windows, as many as make some 130 updates of an epoch, from 16 to 512, but no
//   more than give 2²⁴ logits of negatives that a batch shares, which are held in memory; of
//   sessions side by side, 32 below 20,000 events, 64 below half a million, 128 from there on.
ModelSettings decided(const SequenceRow& row, const ModelSettings& settings,
                      const Sessions& training);

}  // namespace tapegrad::apps
