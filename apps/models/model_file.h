// A trained recommender and what it needs besides its weights: ids, titles, what each user has
// seen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/interaction_model.h>

namespace tapegrad::apps {

struct StoredModel {
  std::string name;        // "popularity", "ease" or one of model_names()
  ModelSettings settings;  // of a neural model
  double lambda = 0.0;     // of ease
  std::uint64_t seed = 0;
  std::string protocol, fingerprint;       // of the data that it was trained on
  std::unique_ptr<Parameters> parameters;  // of a neural model
  std::unique_ptr<InteractionModel> model;
  std::shared_ptr<const EaseRecommender> ease;  // of ease
  IdMap users, items;
  UserItems seen;  // the training's pairs
  UserItems had;   // all pairs of the data (Split::had): these are not recommended
  std::optional<double> min_rating{};  // of a like, where the training chose one
  std::string described;               // what it was trained and evaluated on, in words
  std::vector<std::string> titles;     // by item; empty without an item table
};

// Throws OptionError for an unknown name.
void check_recommender_name(const std::string& name);
// Ready to score, by what was learnt only (KnownRecommender); the model must outlive it.
std::unique_ptr<Recommender> make_recommender(const StoredModel& model);

// A safetensors file: weights as "model.*", ids, titles and pairs as tensors, settings in the
// metadata. Equal models give equal files.
void save_model(const std::string& path, const StoredModel& model);
// Throws Error for a file that is damaged, or of something else. Weights of ease stay in the file,
// which is kept open: a user's rows are read and checked when that user is scored.
StoredModel load_model(const std::string& path);

}  // namespace tapegrad::apps
