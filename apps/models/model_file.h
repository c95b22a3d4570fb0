// A trained recommender and what it needs besides its weights: ids, titles, what each user has
// seen.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/fitted_model.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct StoredModel {
  std::string name;  // of a row in the registry
  ModelSettings settings;
  std::uint64_t seed = 0;
  LoopOptions loop{};                 // of a network: how it was trained, with its number of epochs
  std::string protocol, fingerprint;  // of the data that it was trained on
  Repeats repeats = Repeats::drop;    // how it was evaluated
  std::shared_ptr<FittedModel> fitted;  // null: nothing was learnt yet
  IdMap users, items;
  // Where the users' ids are pseudonyms: what tells their key from others (Pseudonyms::check).
  std::string key_check{};
  std::shared_ptr<const UserItems> seen;     // the training's pairs
  std::shared_ptr<const UserItems> targets;  // of these what was to be predicted; mostly the same
  // All pairs of the data (Split::had): these are not recommended.
  std::shared_ptr<const UserItems> had;
  // Of models that look at them, where there was a table; null otherwise.
  std::shared_ptr<const EntityFeatures> user_features, item_features;
  LikeOptions likes;  // which events count, where the training chose it
  // Ids of what is no product, whose events are left out (TableOptions::excluded_items).
  std::set<std::string, std::less<>> excluded_items{};
  double weighed_at = 0.0;  // Interactions::weighed_at of the training
  // The training's events with their ratings and times, of models that are fitted to these
  // (is_fitted_to_events); null for the others.
  std::shared_ptr<const Interactions> events{};
  std::string described;            // what it was trained and evaluated on, in words
  std::vector<std::string> titles;  // by item; empty without an item table

  ModelInputs inputs() const {
    return {.pairs = seen,
            .targets = targets,
            .user_features = user_features,
            .item_features = item_features,
            .events = events.get(),
            .seed = seed};
  }
};

// Ready to score, by what was learnt only; the model must outlive it.
std::unique_ptr<KnownRecommender> make_recommender(const StoredModel& model);

// A safetensors file: what was learnt as the model's row saves it, ids, titles and pairs as
// tensors, settings in the metadata. Equal models give equal files.
void save_model(const std::string& path, const StoredModel& model);
// Throws Error for a file that is damaged, or of something else. Weights of ease stay in the file,
// which is kept open: a user's rows are read and checked when that user is scored.
StoredModel load_model(const std::string& path);

}  // namespace tapegrad::apps
