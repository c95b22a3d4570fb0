// From sessions to a trained model of sequences.
#pragma once

#include <functional>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct SequenceFitOptions {
  ModelSettings settings;
  LoopOptions loop;  // of a neural model; the seed and the threads of all
  // Train anew on all sessions for the chosen number of epochs; else keep the best weights.
  bool refit = true;
  int k = 20;
};

// What validation looks at: the recall of sessions, the NDCG of histories.
Measure validated_measure(const SequenceSplit& split);

// Trains on the part of the split that chooses, without refitting, and calls `judged` with how good
// the model is on the validation part: after each epoch of options.loop.epochs of a network, and
// once for any other model. Throws DataError where the split has nothing to choose by.
void try_sequence(const SequenceRow& row, const SequenceSplit& split,
                  const SequenceFitOptions& options, Progress& progress,
                  const std::function<void(const Judgement&)>& judged);

// Fits a model into `model`, which has its name already; the test cases are not looked at. Options
// that are open, and the number of epochs, are chosen on the validation part. Gives the number of
// epochs, 0 where there are none. Throws DataError where something is to be chosen and there is
// nothing to train or to validate on, and for a model that needs times where events have none.
int fit_sequence(StoredSequenceModel& model, const SequenceSplit& split,
                 const SequenceFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
