#include <tapegrad/apps/models/neural_model.h>

#include <utility>

#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {

NeuralModel::NeuralModel(std::unique_ptr<Parameters> parameters,
                         std::unique_ptr<InteractionModel> model, Index items)
    : parameters_(std::move(parameters)), model_(std::move(model)), items_(items) {}

std::unique_ptr<const Recommender> NeuralModel::recommender() const {
  parameters_->settle();
  return model_->recommender(items_);
}

std::unique_ptr<const Recommender> NeuralModel::ratings() const {
  return model_->predicts_ratings() ? recommender() : nullptr;
}

void NeuralModel::save(nn::WeightFile& file) const { put_weights(file, *parameters_); }

}  // namespace tapegrad::apps
