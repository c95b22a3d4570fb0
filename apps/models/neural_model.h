// A neural network with its weights.
#pragma once

#include <memory>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/models/fitted_model.h>
#include <tapegrad/apps/models/interaction_model.h>

namespace tapegrad::apps {

class NeuralModel : public FittedModel {
 public:
  // `parameters` are those of `model`.
  NeuralModel(std::unique_ptr<Parameters> parameters, std::unique_ptr<InteractionModel> model,
              Index items);

  Parameters& parameters() { return *parameters_; }
  const Parameters& parameters() const { return *parameters_; }
  const InteractionModel& model() const { return *model_; }

  std::unique_ptr<const Recommender> recommender() const override;
  std::unique_ptr<const Recommender> ratings() const override;
  void save(nn::WeightFile& file) const override;

 private:
  std::unique_ptr<Parameters> parameters_;
  std::unique_ptr<InteractionModel> model_;
  Index items_;
};

}  // namespace tapegrad::apps
