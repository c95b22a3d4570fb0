#include <tapegrad/apps/models/interaction_model.h>

#include <tapegrad/apps/models/model_recommender.h>

namespace tapegrad::apps {

std::unique_ptr<const Recommender> InteractionModel::recommender(Index items) const {
  return std::make_unique<ModelRecommender>(*this, items);
}

}  // namespace tapegrad::apps
