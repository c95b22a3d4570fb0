// What a training run keeps in a file so that it can go on after its end.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/training/learning_curves.h>

namespace tapegrad::apps {

struct Checkpoint {
  using Arrays = std::map<std::string, Array>;

  std::string run;  // what the run is: another does not go on from here

  // Where it is: whole epochs, and of the one after these batches, their samples and the sum of
  // their losses; steps of the tape.
  int epoch = 0;
  Index batch = 0, samples = 0;
  double loss_sum = 0.0;
  Index step = 0;
  // The best validation so far, and the epoch after which it was, counted from 1; 0: none yet.
  double best = 0.0, best_among_equals = 0.0;
  int best_epoch = 0;
  // Updates that the moving average counted, and those that are in it.
  Index average_steps = 0, average_steps_in = 0;

  Arrays weights;                              // as nn::weights_of() names them
  Arrays optimizer;                            // Optimizer::state()
  Arrays source;                               // BatchSource::state()
  Parameters::Snapshot average, best_weights;  // empty for none
  LearningCurves curves;
};

// A safetensors file, written whole or not at all. Gives a lock on it. Throws Error where it cannot
// be written.
nn::FileLock save_checkpoint(const std::string& path, Checkpoint checkpoint);

// The checkpoint of this run. Checks all that it goes by: every number against its bounds, every
// array against its parameter's shape and element type; the optimizer and the source check their
// own. Throws DataError, naming the entry, for one that is missing, of another form or not known,
// for the checkpoint of another run, and for a file that is none. That of `shorter_run`, if there
// is one, is taken, too.
Checkpoint load_checkpoint(const std::string& path, const std::string& run,
                           const Parameters& parameters, const std::string& shorter_run = "");

// The identity of the run that wrote a checkpoint; nothing without a file.
std::optional<std::string> checkpoint_identity(const std::string& path);

}  // namespace tapegrad::apps
