// From sessions to a trained model of sequences.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// What is trained on, and the cases that choose and judge. Cases look into the sessions beside
// them, so it only moves.
struct SequenceSplit {
  SequenceSplit() = default;
  SequenceSplit(SequenceSplit&&) = default;
  SequenceSplit& operator=(SequenceSplit&&) = default;

  Sessions training;
  Sessions judged;  // sessions of which the next items are asked, in the training's numbers
  std::vector<NextItemCase> cases;
  Sessions choosing;   // the training's part to learn from while validating,
  Sessions validated;  // and the part to validate on
  std::vector<NextItemCase> validation;
  std::string protocol;    // "sessions", "loo", "sasrec100", or "none" without cases
  bool histories = false;  // of users, whose items do not come again; else sessions
};

// A case for every event of a session but the first.
std::vector<NextItemCase> next_item_cases(const Sessions& sessions);
// Sessions: the cases are all events but the first of the test's sessions, with repeats allowed;
// the last tenth of the training's sessions validates, every tenth without times, at most 5,000.
// Without a test the protocol is "none".
SequenceSplit session_split(const Sessions& training, const Sessions* test);
// Histories, "loo": a user's last item is the case, the one before validates, the rest trains;
// "sasrec100": the same among 100 sampled items that the user never had; "none": there is no case,
// the last item validates, and then all train. Items of the history do not compete. Users with
// fewer than three items only train. Throws OptionError for another protocol.
SequenceSplit history_split(const Sessions& histories, const std::string& protocol,
                            std::uint64_t seed);

struct SequenceFitOptions {
  ModelSettings settings;
  LoopOptions loop;  // of a neural model
  // Train anew on all sessions for the chosen number of epochs; else keep the best weights.
  bool refit = true;
  int k = 20;
};

// Fits a model into `model`, which has its name already; the test cases are not looked at. Gives
// the number of epochs. Throws DataError where these are to be chosen and there is nothing to train
// or to validate on.
int fit_sequence(StoredSequenceModel& model, const SequenceSplit& split,
                 const SequenceFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
