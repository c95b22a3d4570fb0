// What the commands know of a model: its row in the registry.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/models/fitted_model.h>
#include <tapegrad/apps/models/interaction_model.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// Whether a model looks at features of users and items.
enum class FeatureUse {
  none,
  if_asked,  // where the command line chooses some
  always     // at all that a table has, unless some are chosen
};

// Where a model stands beside neural networks, as a simple one that they have to beat.
struct BaselineUse {
  bool for_known = false;                             // users and items with training events
  bool for_new_users = false, for_new_items = false;  // those without any
  // With more items choosing its options takes long, and it only is one where it is asked for; 0:
  // with any number.
  Index most_items = 0;
};

// What the size of a model depends on besides its settings.
struct ModelShape {
  Index users = 0, items = 0, events = 0;
  Index user_features = 0, item_features = 0;  // the sizes of their vocabularies
  bool has_weights = false;  // whether events count differently, by their types or their age
};

// A file that a model is loaded from.
struct ModelSource {
  nn::WeightFile& file;
  std::shared_ptr<const nn::WeightReader> reader;  // of the rows that stay in the file
};

struct ModelRow {
  std::string_view name;
  std::string_view summary;  // a phrase for the help
  std::vector<OptionDefault> options;

  // A neural network is made and then trained by the loop, whose defaults are these.
  std::unique_ptr<InteractionModel> (*make)(const ModelSettings& settings, const Scope& scope,
                                            const ModelInputs& inputs) = nullptr;
  // Whether it is trained to predict targets alone, and not all that users have.
  bool predicts_targets = false;
  FeatureUse features = FeatureUse::none;
  // How many numbers the model has when it was fitted, and on the way there if that is more.
  double (*numbers)(const ModelSettings& settings, const ModelShape& shape) = nullptr;
  LoopOptions loop{};
  std::vector<TunedLoopOption> tuned_loop{};

  // Any other model is fitted at once.
  BaselineUse baseline{};
  std::unique_ptr<FittedModel> (*fit)(const ModelSettings& settings, const ModelInputs& inputs,
                                      const FitProgress& progress) = nullptr;
  // Goes on from what was learnt of the first users and items, for some rounds; null where what is
  // fitted does not depend on where it begins.
  std::unique_ptr<FittedModel> (*fit_further)(const ModelSettings& settings,
                                              const ModelInputs& inputs, const FittedModel& before,
                                              Index rounds, const FitProgress& progress) = nullptr;
  // Throws Error for a file that lacks something or has it in another form.
  std::unique_ptr<FittedModel> (*load)(const ModelSource& source, const ModelSettings& settings,
                                       const ModelInputs& inputs) = nullptr;

  // Whether it looks at features of users, and not of items alone.
  bool uses_user_features() const { return is_neural() && features != FeatureUse::none; }
  // The greatest width of what a network makes of a pair.
  double width(const ModelSettings& settings) const;

  bool is_neural() const { return make != nullptr; }
  // Whether it can learn further from where it is (train_further).
  bool can_go_on() const { return is_neural() || fit_further != nullptr; }
  // Null for an option that the model does not know.
  const OptionDefault* find(const ModelOption& option) const;
};

// The training of gmf, mlp and neumf (docs/results.md says what was tried).
inline LoopOptions pairwise_loop() {
  return {.max_epochs = 14,
          .patience = 3,
          .learning_rate = 0.0005,
          .average_decay = 0.9998,
          .average_every = 32};
}
inline std::vector<TunedLoopOption> tuned_pairwise_loop() {
  return {{"learning-rate", {"0.0002", "0.0005", "0.001", "0.002"}},
          {"weight-decay", {"0", "0.01", "0.1", "0.3"}}};
}

// Numbers of a vector for each user, item and feature.
inline double vectors_of_all(const ModelShape& shape, double width) {
  return width *
         static_cast<double>(shape.users + shape.items + shape.user_features + shape.item_features);
}

}  // namespace tapegrad::apps
