// What a recommender has learnt.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

// What a model is made from besides its settings.
struct ModelInputs {
  // What users have in the training, and how much it counts.
  std::shared_ptr<const UserItems> pairs;
  // Of these what is to be predicted: the same unless events have types.
  std::shared_ptr<const UserItems> targets;
  // Null without a table of them.
  std::shared_ptr<const EntityFeatures> user_features{}, item_features{};
  // The events of the training, while a model is fitted; null where they are not at hand.
  const Interactions* events = nullptr;
  std::uint64_t seed = 1;
  int threads = 1;

  Index users() const { return pairs->user_count(); }
  Index items() const { return pairs->item_count(); }
};

// Is told what is done and how far it is; on one thread at a time.
using FitProgress = std::function<void(const std::string& part, Index done, Index all)>;

class FittedModel {
 public:
  FittedModel() = default;
  FittedModel(const FittedModel&) = delete;
  FittedModel& operator=(const FittedModel&) = delete;
  virtual ~FittedModel() = default;

  // Scores by what was learnt; the model must outlive it.
  virtual std::unique_ptr<const Recommender> recommender() const = 0;

  // Predicts ratings as its scores; null for a model that does not predict any.
  virtual std::unique_ptr<const Recommender> ratings() const { return nullptr; }

  // Adds what was learnt to a file; settings and pairs are added by others.
  virtual void save(nn::WeightFile& file) const = 0;
};

}  // namespace tapegrad::apps
