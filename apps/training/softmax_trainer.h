// Training on users: the softmax over all items against the items that the user has.
#pragma once

#include <vector>

#include <tapegrad/apps/training/epoch_trainer.h>

namespace tapegrad::apps {

// The mean over pairs of -log softmax(logits of the user)[item]: a multinomial likelihood of each user's items.
// Source: Liang et al., "Variational autoencoders for collaborative filtering", WWW 2018, equation 2.
class SoftmaxTrainer : public EpochTrainer {
 public:
  // Throws OptionError for a model that does not score all items at once.
  SoftmaxTrainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs, const TrainingOptions& options);
  double run(int epoch, int epochs, const ProgressReport& report) override;

 private:
  double step(std::span<const std::int32_t> users);

  const InteractionModel& model_;
  Parameters& parameters_;
  const UserItems& pairs_;
  TrainingOptions options_;
  optim::AdamW adam_;
  Tape tape_;
  std::vector<std::int32_t> order_;
  Array targets_;
};

}  // namespace tapegrad::apps
