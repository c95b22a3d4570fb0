// One pass over the training pairs.
#pragma once

#include <functional>
#include <memory>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/models/interaction_model.h>

namespace tapegrad::apps {

enum class TrainingLoss { pointwise, softmax };

struct TrainingOptions {
  TrainingLoss loss = TrainingLoss::pointwise;
  double learning_rate = 1e-3;
  double final_rate = 1.0;    // the last epoch's learning rate as a part of the first's; between, a cosine
  double weight_decay = 0.0;  // decoupled
  Index batch = 256;          // pairs, negatives included; softmax: users, 0 for a number that fits
  Index negatives = 4;        // sampled for each pair; pointwise only
  int threads = 0;
  std::uint64_t seed = 1;
};

// What is told while an epoch runs: samples done, samples in all, the mean loss so far.
using ProgressReport = std::function<void(Index done, Index all, double loss)>;

// Trains with Adam; what an epoch does is a function of the seed, the epoch's number and what came before.
class EpochTrainer {
 public:
  virtual ~EpochTrainer() = default;
  // Epochs count from 0; returns the mean loss. `epochs` is the length of the whole schedule.
  virtual double run(int epoch, int epochs, const ProgressReport& report) = 0;
};

// Cross-entropy of seen pairs against sampled unseen ones (He et al., WWW 2017, section 3.1), for any model; or a softmax over
// all items of each user, for models that score all items at once.
std::unique_ptr<EpochTrainer> make_trainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs,
                                           const TrainingOptions& options);

// The learning rate of an epoch.
double scheduled_rate(const TrainingOptions& options, int epoch, int epochs);

}  // namespace tapegrad::apps
