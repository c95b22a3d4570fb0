// Training on pairs: seen ones against sampled unseen ones.
#pragma once

#include <vector>

#include <tapegrad/apps/training/epoch_trainer.h>

namespace tapegrad::apps {

class PointwiseTrainer : public EpochTrainer {
 public:
  PointwiseTrainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs, const TrainingOptions& options);
  double run(int epoch, int epochs, const ProgressReport& report) override;

 private:
  std::int32_t unseen_item(std::int32_t user, Random& random) const;
  double step();

  const InteractionModel& model_;
  Parameters& parameters_;
  const UserItems& pairs_;
  TrainingOptions options_;
  optim::AdamW adam_;
  Tape tape_;
  std::vector<std::int32_t> pair_users_, pair_items_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> users_, items_;  // of the batch
  std::vector<float> labels_;
};

}  // namespace tapegrad::apps
