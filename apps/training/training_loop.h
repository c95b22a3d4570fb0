// The loop that trains: epochs, validation, early stopping, the best weights, checkpoints,
// interruption, curves.
#pragma once

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/training/batch_source.h>
#include <tapegrad/apps/training/learning_curves.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

struct LoopOptions {
  int epochs = 0;        // how many to train for; 0: until validation stops improving
  int max_epochs = 100;  // the most, where validation decides
  int patience = 3;  // how many epochs in a row may fail to beat the best one before training stops
  double tolerance = 0.0;  // by how much an epoch must beat the best one
  double learning_rate = 1e-3;
  // The rate of the last epoch as a fraction of the first one's; a cosine lies between.
  double final_rate = 1.0;
  // The length of the cosine in epochs, where the run may end earlier; 0: that of the run.
  int schedule_epochs = 0;
  std::string optimizer = "adamw";  // or another of optimizer_names
  double momentum = 0.9;            // of sgd
  double weight_decay = 0.0;        // decoupled under AdamW; under SGD it joins the gradient (L2)
  double l1 = 0.0;                  // the weight of Σ|w| beside the loss
  double clip_norm = 0.0;           // of all gradients together; 0: no clipping
  // The decay of the moving average of the weights, which is judged and kept; 0: no average.
  double average_decay = 0.0;
  int average_every = 1;  // updates between two looks at them
  int accumulate = 1;     // batches to an update
  int threads = 0;
  std::uint64_t seed = 1;

  std::string checkpoint = {};      // a file, or none
  double checkpoint_minutes = 5.0;  // between two of them
  bool resume = false;              // go on from the file, if it is there
  std::string part = {};            // of a longer run, said before "epoch 1"
  // What the run is (run_identity.h): a checkpoint of another run is refused.
  std::string identity = {};
  std::string goes_on_from = {};  // the identity of a shorter run whose checkpoint is taken, too
  std::string curves = {};        // the beginning of the files' names, or none
  bool gradient_norms = false;    // whether the curves have those of the epochs' last updates
};

inline constexpr std::array<std::string_view, 2> optimizer_names = {"adamw", "sgd"};
// Throws OptionError, which lists the names, for another name.
void check_optimizer(const std::string& name);

// How good the weights are after an epoch: more is better.
struct Judgement {
  double value = 0.0;
  double among_equals = 0.0;  // decides where the values are the same
  std::string text = {};      // for people, such as "Recall@20 0.7012"
};

struct LoopResult {
  int epochs = 0;     // after which the weights are those that were kept
  double best = 0.0;  // validation
};

// SIGINT, SIGTERM or SIGHUP came; a checkpoint was written if one was asked for.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Trains until the options' end and leaves the best weights in the parameters. `judge`
// looks at the weights after an epoch; without it the last weights, or their average, are kept and
// options.epochs must be positive. An interrupted run that is resumed gives the bits of one that
// was not; the first checkpoint is written before anything is trained. Throws Interrupted,
// DataError for a checkpoint of another run or in use by one, and ValueError at the first loss that
// is not finite. A checkpoint or curves that cannot be written are warnings, and the run goes on.
LoopResult train(Parameters& parameters, BatchSource& source, const LoopOptions& options,
                 const std::function<Judgement()>& judge, Progress& progress);

}  // namespace tapegrad::apps
