#include <tapegrad/apps/training/epoch_trainer.h>

#include <cmath>
#include <numbers>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/pointwise_trainer.h>
#include <tapegrad/apps/training/softmax_trainer.h>

namespace tapegrad::apps {

std::unique_ptr<EpochTrainer> make_trainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs,
                                           const TrainingOptions& options) {
  if (options.loss == TrainingLoss::softmax) return std::make_unique<SoftmaxTrainer>(model, parameters, pairs, options);
  return std::make_unique<PointwiseTrainer>(model, parameters, pairs, options);
}

double scheduled_rate(const TrainingOptions& options, int epoch, int epochs) {
  if (epochs <= 1) return options.learning_rate;
  const double done = static_cast<double>(epoch) / static_cast<double>(epochs - 1);
  const double part = options.final_rate + (1.0 - options.final_rate) * 0.5 * (1.0 + std::cos(std::numbers::pi * done));
  return options.learning_rate * part;
}

}  // namespace tapegrad::apps
